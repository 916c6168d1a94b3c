module "logs_bucket" {
  source = "./modules/s3_bucket"

  name                      = local.bucket_names.logs
  kms_key_arn               = null
  access_logs               = null
  force_destroy             = local.workspace.force_destroy
  noncurrent_days           = local.workspace.noncurrent_days
  expire_current_after_days = local.workspace.access_log_days
  policy_documents          = [data.aws_iam_policy_document.access_logs.json]
}

data "aws_iam_policy_document" "access_logs" {
  statement {
    sid       = "S3WritesAccessLogs"
    actions   = ["s3:PutObject"]
    resources = ["arn:${local.partition}:s3:::${local.bucket_names.logs}/*"]

    principals {
      type        = "Service"
      identifiers = ["logging.s3.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [for use in ["raw", "lake", "artifacts", "results", "trail", "audit", "site"] : "arn:${local.partition}:s3:::${local.bucket_names[use]}"]
    }
  }
}

module "raw_bucket" {
  source = "./modules/s3_bucket"

  name             = local.bucket_names.raw
  kms_key_arn      = local.data_key_arn
  access_logs      = { bucket = module.logs_bucket.name }
  force_destroy    = local.workspace.force_destroy
  noncurrent_days  = local.workspace.raw_noncurrent_days
  policy_documents = concat([data.aws_iam_policy_document.raw_door.json], local.network_doors.raw)
}

module "lake_bucket" {
  source = "./modules/s3_bucket"

  name            = local.bucket_names.lake
  kms_key_arn     = local.data_key_arn
  access_logs     = { bucket = module.logs_bucket.name }
  force_destroy   = local.workspace.force_destroy
  noncurrent_days = local.workspace.lake_noncurrent_days
  # Jobs remove what they keep there; this is for jobs that were killed. No job runs for a day.
  short_lived_prefix = "${local.checkpoints}/"

  policy_documents = local.network_doors.lake
}

module "artifacts_bucket" {
  source = "./modules/s3_bucket"

  name            = local.bucket_names.artifacts
  kms_key_arn     = local.data_key_arn
  access_logs     = { bucket = module.logs_bucket.name }
  force_destroy   = true # `make package` builds everything in it again
  noncurrent_days = local.workspace.noncurrent_days
}

module "results_bucket" {
  source = "./modules/s3_bucket"

  name                      = local.bucket_names.results
  kms_key_arn               = local.data_key_arn
  access_logs               = { bucket = module.logs_bucket.name }
  force_destroy             = true # it holds query results only
  noncurrent_days           = local.workspace.noncurrent_days
  expire_current_after_days = local.workspace.results_days
  short_lived_prefix        = local.serving ? "tenants/" : null # exports (src/metriccare/aws/serving/exports.py)
  policy_documents          = local.network_doors.results
}
