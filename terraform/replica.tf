# With `raw_replica_region` every upload is copied to a bucket in a second region. Everything else can be
# rebuilt from uploads.

locals {
  replica_name = "${local.prefix}_replica${local.suffix}"
  replicas     = local.has_raw_replica ? { this = local.replica_name } : {}
  replica_arn  = "arn:${local.partition}:s3:::${local.bucket_names.raw-replica}"
}

module "replica_key" {
  source    = "./modules/kms_key"
  for_each  = local.replicas
  providers = { aws = aws.replica }

  name                 = each.value
  description          = "Copies of uploads of ${terraform.workspace}"
  deletion_window_days = local.workspace.key_deletion_days

  depends_on = [terraform_data.guard]
}

module "replica_bucket" {
  source    = "./modules/s3_bucket"
  for_each  = local.replicas
  providers = { aws = aws.replica }

  name            = local.bucket_names.raw-replica
  kms_key_arn     = module.replica_key["this"].arn
  access_logs     = null # S3 writes them to a bucket of the same region only
  force_destroy   = local.workspace.force_destroy
  noncurrent_days = local.workspace.raw_noncurrent_days
}

data "aws_iam_policy_document" "replica_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "replica" {
  for_each = local.replicas

  statement {
    sid       = "SeeWhatToCopy"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [local.arn.buckets.raw]
  }

  statement {
    sid = "ReadUploads"
    actions = [
      "s3:GetObjectVersionAcl",
      "s3:GetObjectVersionForReplication",
      "s3:GetObjectVersionTagging",
    ]
    resources = ["${local.arn.buckets.raw}/*"]
  }

  statement {
    sid       = "WriteCopies"
    actions   = ["s3:ReplicateObject", "s3:ReplicateTags"]
    resources = ["${local.replica_arn}/*"]
  }

  statement {
    sid       = "DecryptUploads"
    actions   = ["kms:Decrypt"]
    resources = local.data_key_arns

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [local.s3_in_kms]
    }
  }

  statement {
    sid       = "EncryptCopies"
    actions   = ["kms:Encrypt", "kms:GenerateDataKey"]
    resources = [module.replica_key["this"].arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.raw_replica_region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "replica" {
  for_each = local.replicas

  name                 = each.value
  description          = "Copies uploads to the second region"
  assume_role_policy   = data.aws_iam_policy_document.replica_trust.json
  permissions_boundary = local.boundary_arn
}

resource "aws_iam_role_policy" "replica" {
  for_each = local.replicas

  name   = "copy-uploads"
  role   = aws_iam_role.replica[each.key].id
  policy = data.aws_iam_policy_document.replica[each.key].json
}

resource "aws_s3_bucket_replication_configuration" "raw" {
  for_each = local.replicas

  bucket = module.raw_bucket.name
  role   = aws_iam_role.replica[each.key].arn

  rule {
    id     = "uploads"
    status = "Enabled"

    filter {}

    # A copy outlives its upload: that is what it is for. An erasure has to be made here too
    # (docs/runbook.md, "Copies in a second region").
    delete_marker_replication {
      status = "Disabled"
    }

    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }

    destination {
      bucket        = local.replica_arn
      storage_class = "STANDARD_IA"

      encryption_configuration {
        replica_kms_key_id = module.replica_key["this"].arn
      }
    }
  }

  depends_on = [aws_iam_role_policy.replica, module.replica_bucket]
}
