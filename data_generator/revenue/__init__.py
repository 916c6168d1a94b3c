"""Simulates the money of a stay or visit: claims, answers, payments, write-offs."""
