# The most that any role of a workspace can do, whatever policy is put on it. The apply role must set
# it on every role it makes and cannot change it, so it cannot make itself an administrator.

data "aws_iam_policy_document" "boundary" {
  for_each = var.workspaces

  source_policy_documents = [data.aws_iam_policy_document.boundary_options[each.key].json]

  #checkov:skip=CKV_AWS_108:the jobs of a workspace read and write its own buckets; this is their upper limit
  #checkov:skip=CKV_AWS_111:what knows no resource has a statement of its own
  #checkov:skip=CKV_AWS_356:traces and Athena's lists know no resource to name
  statement {
    sid = "UseItsBuckets"
    actions = [
      "s3:AbortMultipartUpload",
      "s3:DeleteObject",
      "s3:DeleteObjectVersion",
      "s3:GetBucketLocation",
      "s3:GetEncryptionConfiguration",
      "s3:GetObject",
      "s3:GetObjectVersion",
      "s3:ListBucket",
      "s3:ListBucketVersions",
      "s3:ListMultipartUploadParts",
      "s3:PutObject",
    ]
    resources = flatten([
      for use in ["raw", "lake", "artifacts", "results"] : [
        "arn:${local.partition}:s3:::metriccare-${use}-${local.account}-${each.key}",
        "arn:${local.partition}:s3:::metriccare-${use}-${local.account}-${each.key}/*",
      ]
    ])
  }

  statement {
    sid       = "UseItsKeys"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["arn:${local.partition}:kms:${local.region}:${local.account}:key/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/workspace"
      values   = [each.key]
    }
  }

  statement {
    sid       = "ReadItsSecrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["arn:${local.partition}:secretsmanager:${local.region}:${local.account}:secret:metriccare*"]
  }

  statement {
    sid       = "DecryptItsSecrets"
    actions   = ["kms:Decrypt"]
    resources = ["arn:${local.partition}:kms:${local.region}:${local.account}:key/*"]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${local.region}.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:SecretARN"
      values   = ["arn:${local.partition}:secretsmanager:${local.region}:${local.account}:secret:metriccare*"]
    }
  }

  statement {
    sid = "UseItsTablesQueuesAndFunctions"
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:ConditionCheckItem",
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
      "lambda:InvokeFunction",
      "sns:Publish",
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ReceiveMessage",
      "sqs:SendMessage",
    ]
    resources = [
      "${local.names.dynamodb}*_${each.key}",
      "${local.names.dynamodb}*_${each.key}/index/*",
      "${local.names.functions}*_${each.key}",
      "${local.names.topics}*_${each.key}",
      "${local.names.queues}*_${each.key}",
    ]
  }

  statement {
    sid = "UseItsCatalogAndJobs"
    actions = [
      "glue:BatchCreatePartition",
      "glue:BatchGetPartition",
      "glue:BatchUpdatePartition",
      "glue:GetDatabase",
      "glue:GetDatabases",
      "glue:GetJobRun",
      "glue:GetJobRuns",
      "glue:GetPartition",
      "glue:GetPartitions",
      "glue:GetTable",
      "glue:GetTables",
      "glue:GetWorkflowRun",
      "glue:GetWorkflowRuns",
      "glue:StartJobRun",
      "glue:StartWorkflowRun",
    ]
    resources = [
      "${local.names.glue}:catalog",
      "${local.names.glue}:database/metriccare_*_${each.key}",
      "${local.names.glue}:job/metriccare_*_${each.key}",
      "${local.names.glue}:table/metriccare_*_${each.key}/*",
      "${local.names.glue}:workflow/metriccare_*_${each.key}",
    ]
  }

  statement {
    sid = "WriteItsLogsAndEvents"
    actions = [
      "events:PutEvents",
      "logs:AssociateKmsKey",
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ]
    resources = [
      "arn:${local.partition}:events:${local.region}:${local.account}:event-bus/default",
      "${local.names.logs}:/aws/lambda/metriccare_*_${each.key}:*",
      "${local.names.logs}:/metriccare/${each.key}/*",
    ]
  }

  statement {
    sid = "QueryInItsWorkgroups"
    actions = [
      "athena:BatchGetNamedQuery",
      "athena:GetDataCatalog",
      "athena:GetDatabase",
      "athena:GetNamedQuery",
      "athena:GetQueryExecution",
      "athena:GetQueryResults",
      "athena:GetQueryResultsStream",
      "athena:GetTableMetadata",
      "athena:GetWorkGroup",
      "athena:ListDatabases",
      "athena:ListNamedQueries",
      "athena:ListTableMetadata",
      "athena:StartQueryExecution",
      "athena:StopQueryExecution",
    ]
    resources = [
      "${local.names.athena}*_${each.key}",
      "arn:${local.partition}:athena:${local.region}:${local.account}:datacatalog/AwsDataCatalog",
    ]
  }

  statement {
    sid = "UseWhatNamesNoResource"
    actions = [
      "athena:ListDataCatalogs",
      "athena:ListWorkGroups",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "boundary" {
  for_each = var.workspaces

  name        = "metriccare_terraform_boundary_${each.key}"
  description = "The most that a role of the workspace ${each.key} can do"
  policy      = data.aws_iam_policy_document.boundary[each.key].json
}
