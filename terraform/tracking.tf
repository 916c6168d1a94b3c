# Files, runs and the lease of the one writer. src/metriccare/aws/tracking_keys.py says which records
# there are. No index: every list is read consistently, and none has a limit (docs/adr/0021).
module "tracking" {
  source = "./modules/dynamodb_table"

  name                = local.names.tracking_table
  hash_key            = "kind"
  range_key           = "id"
  kms_key_arn         = local.data_key_arn
  deletion_protection = local.workspace.deletion_protection
}

# The table of earlier versions stays in the account until its records are copied
# (docs/upgrade.md, "The tracking table of earlier versions").
removed {
  from = module.tracking_table

  lifecycle {
    destroy = false
  }
}
