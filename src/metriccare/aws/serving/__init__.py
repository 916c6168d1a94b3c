"""What serves published results on AWS: the places behind the protocols of `api`."""
