"""What is done to a lake now and then, on whichever engine: roll back, erase, rebuild."""
