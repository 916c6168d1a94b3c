# What no role of Terraform may do, whatever else it is allowed: read uploads, the lake, query results,
# tracking records, messages or logs, or take a role that may.

data "aws_iam_policy_document" "no_data" {
  statement {
    sid    = "ReadNoFiles"
    effect = "Deny"
    actions = [
      "s3:GetObject",
      "s3:GetObjectAttributes",
      "s3:GetObjectVersion",
      "s3:GetObjectVersionAttributes",
    ]
    resources = [
      for use in ["raw", "raw-replica", "lake", "results", "logs", "trail", "audit"] :
      "arn:${local.partition}:s3:::metriccare-${use}-${local.account}-*/*"
    ]
  }

  statement {
    sid    = "ReadNoRecordsMessagesOrLogs"
    effect = "Deny"
    actions = [
      "athena:GetQueryResults",
      "athena:GetQueryResultsStream",
      "dynamodb:BatchGetItem",
      "dynamodb:ExportTableToPointInTime",
      "dynamodb:GetItem",
      "dynamodb:GetRecords",
      "dynamodb:PartiQLSelect",
      "dynamodb:Query",
      "dynamodb:Scan",
      "logs:CreateExportTask",
      "logs:FilterLogEvents",
      "logs:GetLogEvents",
      "logs:GetLogRecord",
      "logs:GetQueryResults",
      "logs:StartLiveTail",
      "logs:StartQuery",
      "logs:Unmask",
      "sqs:ReceiveMessage",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "TakeNoOtherRole"
    effect    = "Deny"
    actions   = ["sts:AssumeRole"]
    resources = ["*"]
  }
}
