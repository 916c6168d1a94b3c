"""Simulates hospital care from a seed: FHIR R4 files, and the answer key to every measure.

>>> from data_generator import GeneratorConfig, generate
>>> summary = generate(GeneratorConfig(Path("fhir_data"), patients=500, seed=7))
"""

from data_generator.config import GeneratorConfig, GeneratorError
from data_generator.describe import report
from data_generator.run import Summary, generate

__all__ = ["GeneratorConfig", "GeneratorError", "Summary", "generate", "report"]
