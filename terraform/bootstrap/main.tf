data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name
  oidc_arn  = var.github_oidc_provider_arn == null ? aws_iam_openid_connect_provider.github[0].arn : var.github_oidc_provider_arn
}

module "state_key" {
  source = "../modules/kms_key"

  name                 = "metriccare_state"
  description          = "Terraform states of this account, its catalog and connection passwords"
  deletion_window_days = 30
}

module "state_logs_bucket" {
  source = "../modules/s3_bucket"

  name                      = "metriccare-state-logs-${local.account}"
  kms_key_arn               = null
  access_logs               = null
  force_destroy             = false
  noncurrent_days           = 30
  expire_current_after_days = 365
  policy_documents          = [data.aws_iam_policy_document.access_logs.json]
}

data "aws_iam_policy_document" "access_logs" {
  statement {
    sid       = "S3WritesAccessLogs"
    actions   = ["s3:PutObject"]
    resources = ["arn:${local.partition}:s3:::metriccare-state-logs-${local.account}/*"]

    principals {
      type        = "Service"
      identifiers = ["logging.s3.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

# Old states are the way back from a bad apply: they are kept for a year.
module "state_bucket" {
  source = "../modules/s3_bucket"

  name            = "metriccare-state-${local.account}"
  kms_key_arn     = module.state_key.arn
  access_logs     = { bucket = module.state_logs_bucket.name }
  force_destroy   = false
  noncurrent_days = 365

  policy_documents = [data.aws_iam_policy_document.state_encryption.json]
}

# Whoever names no encryption gets the bucket's: the state key. Naming another one is refused, as
# Terraform's `encrypt = true` alone would do.
data "aws_iam_policy_document" "state_encryption" {
  dynamic "statement" {
    for_each = {
      OnlyEncryptionByKms     = { header = "s3:x-amz-server-side-encryption", value = "aws:kms" }
      OnlyUnderTheStateKey    = { header = "s3:x-amz-server-side-encryption-aws-kms-key-id", value = module.state_key.arn }
      NoKeysThatCallersSupply = { header = "s3:x-amz-server-side-encryption-customer-algorithm", value = "none" }
    }

    content {
      sid       = statement.key
      effect    = "Deny"
      actions   = ["s3:PutObject"]
      resources = ["arn:${local.partition}:s3:::metriccare-state-${local.account}/*"]

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      # Both: where the header is missing, "not equal" alone is true.
      condition {
        test     = "Null"
        variable = statement.value.header
        values   = ["false"]
      }

      condition {
        test     = "StringNotEquals"
        variable = statement.value.header
        values   = [statement.value.value]
      }
    }
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github_oidc_provider_arn == null ? 1 : 0

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

# Lake Formation's defaults decide whether IAM alone governs the catalog. This stack relies on IAM;
# tenant filters are opt-in (docs/security.md). The call replaces every setting, the administrators too.
resource "aws_lakeformation_data_lake_settings" "this" {
  count = var.owns_account_settings ? 1 : 0

  admins = var.data_lake_admins

  create_database_default_permissions {
    principal   = "IAM_ALLOWED_PRINCIPALS"
    permissions = ["ALL"]
  }

  create_table_default_permissions {
    principal   = "IAM_ALLOWED_PRINCIPALS"
    permissions = ["ALL"]
  }
}

# The catalog's own key (aws/glue) needs no grants: whoever may use the catalog may use it.
resource "aws_glue_data_catalog_encryption_settings" "this" {
  count = var.owns_account_settings ? 1 : 0

  data_catalog_encryption_settings {
    encryption_at_rest {
      catalog_encryption_mode = "SSE-KMS"
    }

    connection_password_encryption {
      return_connection_password_encrypted = true
      aws_kms_key_id                       = module.state_key.arn
    }
  }
}
