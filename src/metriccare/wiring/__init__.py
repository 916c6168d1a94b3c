"""Which implementation stands behind which protocol, on a laptop and on AWS. Nothing else."""
