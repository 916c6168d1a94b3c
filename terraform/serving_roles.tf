# Who may do what of what serves. The functions' own roles read no bucket: for each tenant they take the
# reader's role with the tenant as session tag, so that S3 refuses another tenant's objects, whatever the
# code does (docs/adr/0044).

data "aws_iam_policy_document" "serve" {
  for_each = local.serving ? local.serving_functions : {}

  statement {
    sid       = "ReadForOneTenant"
    actions   = ["sts:AssumeRole", "sts:TagSession"]
    resources = [local.arn.published_reader]
  }

  statement {
    sid = "KeepSessionsViewsExportsAndCounts"
    actions = [
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ]
    resources = [local.arn.serving_table]
  }

  # The table's key, which also encrypts what instances share; that of the queue of failed exports.
  statement {
    sid       = "UseTheKeysOfTableAndQueue"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = concat(local.data_key_arns, each.key == "make_export" ? [module.message_key.arn] : [])
  }

  # Of all tenants, and about none: two words that change with each publication.
  dynamic "statement" {
    for_each = each.key == "serve_published" ? [true] : []

    content {
      sid       = "ReadTheBeacon"
      actions   = ["s3:GetObject"]
      resources = ["${local.arn.buckets.lake}/marts/beacon.json"]
    }
  }

  # Without it an absent one looks like a missing right.
  dynamic "statement" {
    for_each = each.key == "serve_published" ? [true] : []

    content {
      sid       = "SeeWhetherThereIsOne"
      actions   = ["s3:ListBucket"]
      resources = [local.arn.buckets.lake]

      condition {
        test     = "StringEquals"
        variable = "s3:prefix"
        values   = ["marts/beacon.json"]
      }
    }
  }

  dynamic "statement" {
    for_each = each.key == "serve_published" ? [true] : []

    content {
      sid       = "WriteTheAudit"
      actions   = ["firehose:DescribeDeliveryStream", "firehose:PutRecord"]
      resources = [local.arn.access_stream]
    }
  }

  dynamic "statement" {
    for_each = each.key == "serve_published" ? [true] : []

    content {
      sid       = "HaveExportsMade"
      actions   = ["lambda:InvokeFunction"]
      resources = [local.arn.make_export]
    }
  }

  dynamic "statement" {
    for_each = each.key == "serve_published" ? compact([try(local.serving_issuer.client_secret, null)]) : []

    content {
      sid       = "ReadTheClientsSecret"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = ["${local.arn.secrets}:secret:${statement.value}-*"]
    }
  }
}

# A negated operator alone is true of a tag that is missing; a tag with a slash would open a part of
# another tenant's folder.
data "aws_iam_policy_document" "published_reader_trust" {
  for_each = local.served

  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "AWS"
      identifiers = [for name in keys(local.serving_functions) : module.serve[name].role_arn]
    }

    condition {
      test     = "Null"
      variable = "aws:RequestTag/tenant"
      values   = ["false"]
    }

    condition {
      test     = "StringLike"
      variable = "aws:RequestTag/tenant"
      values   = ["?*"]
    }

    condition {
      test     = "StringNotLike"
      variable = "aws:RequestTag/tenant"
      values   = ["*/*"]
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"
      values   = ["tenant"]
    }
  }
}

data "aws_iam_policy_document" "published_reader" {
  for_each = local.served

  statement {
    sid       = "ReadTheTenantsMarts"
    actions   = ["s3:GetObject"]
    resources = ["${local.arn.buckets.lake}/marts/$${aws:PrincipalTag/tenant}/*"]
  }

  statement {
    sid       = "KeepTheTenantsExports"
    actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${local.arn.buckets.results}/tenants/$${aws:PrincipalTag/tenant}/exports/*"]
  }

  # With the slash: a never lists ab.
  statement {
    sid       = "ListTheTenantsMarts"
    actions   = ["s3:ListBucket"]
    resources = [local.arn.buckets.lake]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["marts/$${aws:PrincipalTag/tenant}/*"]
    }
  }

  statement {
    sid       = "UseTheDataKeyThroughS3"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = local.data_key_arns

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [local.s3_in_kms]
    }
  }

  statement {
    sid       = "NothingWithoutATenant"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]

    condition {
      test     = "Null"
      variable = "aws:PrincipalTag/tenant"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role" "published_reader" {
  for_each = local.served

  name                 = local.names.published_reader
  description          = "Reads the published marts of the tenant that its session is tagged with, and keeps that tenant's exports"
  assume_role_policy   = data.aws_iam_policy_document.published_reader_trust[each.key].json
  permissions_boundary = local.boundary_arn
}

resource "aws_iam_role_policy" "published_reader" {
  for_each = local.served

  name   = "read-one-tenant"
  role   = aws_iam_role.published_reader[each.key].id
  policy = data.aws_iam_policy_document.published_reader[each.key].json
}
