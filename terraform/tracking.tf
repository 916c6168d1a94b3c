# Files, runs and the lease of the one writer. `list` groups the records; both indexes are local,
# because only local indexes can be read consistently, and a claim must see every waiting file.
module "tracking_table" {
  source = "./modules/dynamodb_table"

  name                = local.names.tracking_table
  hash_key            = "kind"
  range_key           = "id"
  local_indexes       = { by_state = "state_order", by_run = "run_order" }
  kms_key_arn         = module.data_key.arn
  deletion_protection = local.workspace.deletion_protection
}
