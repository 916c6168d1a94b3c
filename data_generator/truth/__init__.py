"""The answer key: what every measure must say, taken from the simulator's decisions."""
