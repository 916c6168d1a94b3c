# Uploads that no run could read are refused when they are sent, and their sender sees it. A request
# that names nothing gets the bucket's own key and the class STANDARD.
locals {
  raw_objects = "arn:${local.partition}:s3:::${local.bucket_names.raw}/*"
  # What a request may name, and the value that is right; a request without it is right too.
  upload_headers = {
    OnlyUnderAKmsKey   = { variable = "s3:x-amz-server-side-encryption", value = "aws:kms" }
    OnlyUnderOurKey    = { variable = "s3:x-amz-server-side-encryption-aws-kms-key-id", value = local.data_key_arn }
    OnlyReadableAtOnce = { variable = "s3:x-amz-storage-class", value = "STANDARD" }
  }
}

data "aws_iam_policy_document" "raw_door" {
  dynamic "statement" {
    for_each = local.upload_headers

    content {
      sid       = statement.key
      effect    = "Deny"
      actions   = ["s3:PutObject"]
      resources = [local.raw_objects]

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "Null"
        variable = statement.value.variable
        values   = ["false"]
      }

      condition {
        test     = "StringNotEquals"
        variable = statement.value.variable
        values   = [statement.value.value]
      }
    }
  }

  statement {
    sid       = "NotUnderAKeyOfTheSender"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = [local.raw_objects]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Null"
      variable = "s3:x-amz-server-side-encryption-customer-algorithm"
      values   = ["false"]
    }
  }

  # `aws:kms` without a key is AWS's own key of the account, not the bucket's.
  statement {
    sid       = "NotUnderTheKeyOfTheAccount"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = [local.raw_objects]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "s3:x-amz-server-side-encryption"
      values   = ["aws:kms"]
    }

    condition {
      test     = "Null"
      variable = "s3:x-amz-server-side-encryption-aws-kms-key-id"
      values   = ["true"]
    }
  }
}
