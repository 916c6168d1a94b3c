"""Which implementation is used behind which protocol, on a laptop and on AWS. Nothing else."""
