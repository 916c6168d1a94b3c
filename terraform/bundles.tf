# Jobs install a copy of their bundle that the next apply does not remove: a run under way may need it
# again. The function keeps the newest five.
locals {
  # The function answers with the copy's key, so that no job is changed before the copy is there.
  kept_bundle = "s3://${local.bucket_names.artifacts}/${jsondecode(aws_lambda_invocation.keep_bundle.result).key}"
}

resource "aws_lambda_invocation" "keep_bundle" {
  function_name = module.keep_bundle.name
  input         = jsonencode({ bucket = local.bucket_names.artifacts, key = local.bundle_key })

  depends_on = [module.deployed_files]
}

data "aws_iam_policy_document" "keep_bundle" {
  statement {
    sid       = "ReadDeployedBundles"
    actions   = ["s3:GetObject"]
    resources = ["arn:${local.partition}:s3:::${local.bucket_names.artifacts}/bundles/*"]
  }

  statement {
    sid       = "KeepCopiesAndRemoveTheOldest"
    actions   = ["s3:DeleteObject", "s3:PutObject"]
    resources = ["arn:${local.partition}:s3:::${local.bucket_names.artifacts}/kept/*"]
  }

  statement {
    sid       = "ListCopies"
    actions   = ["s3:ListBucket"]
    resources = ["arn:${local.partition}:s3:::${local.bucket_names.artifacts}"]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["kept/"]
    }
  }

  statement {
    sid       = "UseTheKeyOfTheBucket"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = local.data_key_arns
  }
}

module "keep_bundle" {
  source = "./modules/lambda_function"

  name               = "${local.prefix}_keep_bundle${local.suffix}"
  description        = "Keeps the bundles of the last releases for runs under way"
  handler            = "lambda_functions.keep_bundle.handler.handler"
  package            = { path = local.lambda_package }
  role               = { policy = data.aws_iam_policy_document.keep_bundle.json, boundary_arn = local.boundary_arn }
  network            = local.function_network
  timeout_seconds    = 120
  log_key_arn        = module.log_key.arn
  log_retention_days = local.workspace.log_retention_days
  dead_letter_arn    = aws_sqs_queue.events_dead.arn
  environment        = { METRICCARE_WORKSPACE = terraform.workspace }
}
