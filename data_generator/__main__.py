"""Entry point of ``python -m data_generator``."""

from data_generator.cli import app

if __name__ == "__main__":
    app()
