# With `serving` published results are an API and pages: one function answers, another makes exports. Both
# read marts through a role that is taken for one tenant at a time (serving_roles.tf).

locals {
  served              = local.serving ? { this = terraform.workspace } : {}
  api                 = jsondecode(file("${path.root}/../generated/serving.json"))
  serving_package_key = "bundles/serving-${try(substr(filesha256(local.serving_package), 0, 12), "missing")}.zip"
  routes              = merge([for function, routes in local.api.routes : { for route in routes : route => function }]...)
  # By the key "this": any other way depends on all of the module, and so on the functions, which are
  # told the host.
  public_host = try(module.static_site["this"].host, null)

  # Claims of Cognito: groups are roles, `custom:` what an administrator sets.
  pool_claims = { tenants = "custom:tenants", roles = "cognito:groups", facilities = "custom:facilities", provider = "custom:provider" }
  oidc = local.serving_issuer == null ? {
    issuer    = one(values(module.cognito_user_pool)[*].issuer)
    client_id = one(values(module.cognito_user_pool)[*].client_id)
    scopes    = "openid profile"
    claims    = local.pool_claims
  } : { for name, value in local.serving_issuer : name => value if value != null }

  serving_environment = {
    METRICCARE_DEPLOYED_LAKE   = local.lake_root
    METRICCARE_SERVING_TABLE   = local.names.serving_table
    METRICCARE_READER_ROLE     = local.arn.published_reader
    METRICCARE_RESULTS_BUCKET  = local.bucket_names.results
    METRICCARE_EXPORT_FUNCTION = local.names.make_export
  }

  answering_environment = {
    METRICCARE_AUDIT_STREAM = local.names.access_stream
    METRICCARE_DATA_KEY     = local.data_key_arn
    METRICCARE_PUBLIC_HOST  = local.public_host
    METRICCARE_OIDC         = jsonencode(local.oidc)
  }

  # 1,769 MB come with one processor. Which cost they limit is said in docs/cost.md.
  serving_functions = {
    serve_published = {
      description = "Answers requests for published results"
      seconds     = 25 # an HTTP API waits 30
      machine     = { memory = 1769, disk = 512, at_once = -1, snapshots = true }
    }
    make_export = {
      description = "Makes the files of exports"
      seconds     = 900
      machine     = { memory = 1769, disk = 2048, at_once = -1, snapshots = false }
    }
  }
}

# Sessions, saved views, exports, counters of limits, and the key they share, as KMS encrypted it.
module "serving_table" {
  source   = "./modules/dynamodb_table"
  for_each = local.served

  name                = local.names.serving_table
  hash_key            = "kind"
  range_key           = "id"
  expires_attribute   = "expires"
  kms_key_arn         = local.data_key_arn
  deletion_protection = local.workspace.deletion_protection
}

module "serve" {
  source   = "./modules/lambda_function"
  for_each = local.serving ? local.serving_functions : {}

  name        = local.names[each.key]
  description = each.value.description
  handler     = "lambda_functions.${each.key}.handler.handler"
  package = {
    path   = local.serving_package
    bucket = module.artifacts_bucket.name
    key    = local.serving_package_key
  }
  machine            = each.value.machine
  role               = { policy = data.aws_iam_policy_document.serve[each.key].json, boundary_arn = local.boundary_arn }
  timeout_seconds    = each.value.seconds
  log_key_arn        = module.log_key.arn
  log_retention_days = local.workspace.log_retention_days
  # Of an export that failed for good; answers have no events.
  dead_letter_arn = each.key == "make_export" ? aws_sqs_queue.events_dead.arn : null
  environment     = merge(local.serving_environment, each.key == "serve_published" ? local.answering_environment : {})

  depends_on = [module.deployed_files]
}

module "http_api" {
  source   = "./modules/http_api"
  for_each = local.served

  name            = "${local.prefix}_api${local.suffix}"
  description     = "Published results of ${each.value}"
  functions       = { published = module.serve["serve_published"].live }
  routes          = local.routes
  timeout_seconds = 30
  throttle        = { per_second = 50, burst = 100 }
  log             = { key_arn = module.log_key.arn, retention_days = local.workspace.log_retention_days }
}

module "cognito_user_pool" {
  source   = "./modules/cognito_user_pool"
  for_each = local.serving_issuer == null ? local.served : {}

  name                = "${local.prefix}_people${local.suffix}"
  domain_prefix       = "${local.prefix}-${local.account}-${each.value}"
  groups              = local.api.roles
  claims              = ["tenants", "facilities", "provider"]
  callback_urls       = ["https://${local.public_host}/auth/callback"]
  logout_urls         = ["https://${local.public_host}/"]
  requires_mfa        = local.workspace.deletion_protection
  deletion_protection = local.workspace.deletion_protection
}
