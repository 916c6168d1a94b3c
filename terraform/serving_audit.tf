# Who read what: a row of every request, written before its answer leaves (src/metriccare/aws/serving).

locals {
  access_log = "/aws/firehose/${local.names.access_stream}"
}

module "audit_bucket" {
  source   = "./modules/s3_bucket"
  for_each = local.served

  name                      = local.bucket_names.audit
  kms_key_arn               = module.log_key.arn
  access_logs               = { bucket = module.logs_bucket.name }
  force_destroy             = local.workspace.force_destroy
  noncurrent_days           = local.workspace.noncurrent_days
  expire_current_after_days = local.workspace.log_retention_days
}

module "audit_stream" {
  source   = "./modules/audit_stream"
  for_each = local.served

  name         = local.names.access_stream
  boundary_arn = local.boundary_arn
  bucket       = { name = module.audit_bucket[each.key].name, arn = local.arn.buckets.audit }
  key_arn      = module.log_key.arn
  log = {
    group          = local.access_log
    group_arn      = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${local.access_log}"
    key_arn        = module.log_key.arn
    retention_days = local.workspace.log_retention_days
  }
  table = {
    database  = aws_glue_catalog_database.audit[each.key].name
    columns   = local.api.audit_columns
    first_day = "2024-01-01"
  }
}
