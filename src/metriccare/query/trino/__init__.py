"""Trino as the local Athena: optional, assembled from Maven artifacts, for BI tools and proofs."""
