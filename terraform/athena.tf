# Two workgroups with separate results: the operators' checks read the inner layers, and analysts
# must not find those results.

locals {
  # May hold rows about persons, so an erasure empties it.
  operators_results = "s3://${module.results_bucket.name}/operators/"
}

module "bi_workgroup" {
  source = "./modules/athena_workgroup"

  name                 = local.names.bi_workgroup
  description          = "For dashboards and analysts: queries over the publish database"
  results_location     = "s3://${module.results_bucket.name}/bi/"
  results_bucket_owner = local.account
  kms_key_arn          = local.data_key_arn
  bytes_scanned_limit  = local.workspace.athena_bytes_per_query
  force_destroy        = local.workspace.force_destroy

  named_queries = {
    for name, view in local.views : name => {
      description = view.description
      database    = module.database["publish"].name
      query       = view.sql
    }
  }
}

module "operators_workgroup" {
  source = "./modules/athena_workgroup"

  name                 = local.names.operators_workgroup
  description          = "For operators: health checks over every layer; no rows means healthy"
  results_location     = local.operators_results
  results_bucket_owner = local.account
  kms_key_arn          = local.data_key_arn
  bytes_scanned_limit  = local.workspace.athena_bytes_per_query
  force_destroy        = local.workspace.force_destroy

  named_queries = merge(local.audit_queries, {
    for name, check in local.health_checks : name => {
      description = check.description
      database    = module.database["publish"].name
      query = replace(replace(replace(replace(check.sql,
        "$${bronze}", local.databases.bronze),
        "$${silver}", local.databases.silver),
        "$${gold}", local.databases.gold),
      "$${publish}", local.databases.publish)
    }
  })
}
