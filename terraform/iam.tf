# Who may do what. Every role names its own places; docs/security.md shows them as a table, and
# tests/terraform evaluates the rendered policies.

locals {
  arn = {
    glue      = "arn:${local.partition}:glue:${local.region}:${local.account}"
    athena    = "arn:${local.partition}:athena:${local.region}:${local.account}"
    secrets   = "arn:${local.partition}:secretsmanager:${local.region}:${local.account}"
    s3_in_kms = "s3.${local.region}.amazonaws.com"
  }
  small_run_arn = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.small_run_name}"
  job_arns      = [for name in local.watched_jobs : "${local.arn.glue}:job/${name}"]
}

# ---------------------------------------------------------------- jobs

data "aws_iam_policy_document" "job" {
  for_each = merge(
    local.jobs,
    { upkeep = local.upkeep_job },
    local.small_runs ? { small_run = local.small_run_job } : {},
  )

  statement {
    sid       = "ReadItsCode"
    actions   = ["s3:GetObject"]
    resources = ["${module.artifacts_bucket.arn}/${each.key == "small_run" ? "settings/" : ""}*"]
  }

  statement {
    sid       = "FindItsSettings"
    actions   = ["s3:ListBucket"]
    resources = [module.artifacts_bucket.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["settings/*"]
    }
  }

  statement {
    sid       = "FindItsPlacesInTheLake"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket"]
    resources = [module.lake_bucket.arn]
  }

  statement {
    sid     = "ReadItsPlaces"
    actions = ["s3:GetObject"]
    resources = flatten([
      for place in concat(each.value.reads, each.value.writes) : [
        "${module.lake_bucket.arn}/${place}/*",
        # Hadoop asks for a folder by its bare name first; without this the answer is 403, not 404.
        "${module.lake_bucket.arn}/${place}",
        "${module.lake_bucket.arn}/${place}_$folder$",
      ]
    ])
  }

  statement {
    sid     = "WriteItsPlaces"
    actions = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"]
    resources = flatten([
      for place in each.value.writes : [
        "${module.lake_bucket.arn}/${place}/*",
        # Glue's file system marks folders by objects of this name.
        "${module.lake_bucket.arn}/${place}_$folder$",
      ]
    ])
  }

  dynamic "statement" {
    for_each = each.value.reads_raw ? [module.raw_bucket.arn] : []

    content {
      sid       = "ReadUploads"
      actions   = ["s3:GetObject", "s3:GetObjectVersion"]
      resources = ["${statement.value}/*"]
    }
  }

  dynamic "statement" {
    for_each = each.value.reads_raw ? [module.raw_bucket.arn] : []

    content {
      # Without them a file that is gone, or under another key, would look like a missing right and
      # end the run.
      sid       = "TellWhyAnUploadCannotBeRead"
      actions   = ["s3:GetEncryptionConfiguration", "s3:ListBucket"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = each.value.reads_raw ? [module.lake_bucket.arn] : []

    content {
      sid       = "KnowWhoWasErased"
      actions   = ["s3:GetObject"]
      resources = ["${statement.value}/erasures/erased_names.json"]
    }
  }

  statement {
    sid       = "UseTheDataKeyForFilesAndTracking"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [module.data_key.arn]
  }

  statement {
    sid = "KeepTrack"
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:ConditionCheckItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ]
    resources = [module.tracking.arn]
  }

  statement {
    sid       = "NoteThatAFileIsThrough"
    actions   = ["dynamodb:DeleteItem"]
    resources = [module.tracking.arn]

    # Records of files and runs are never deleted, only the entries that list what is open.
    condition {
      test     = "ForAllValues:StringLike"
      variable = "dynamodb:LeadingKeys"
      values   = ["open#*"]
    }
  }

  statement {
    sid     = "RegisterPartitions"
    actions = ["glue:BatchCreatePartition", "glue:BatchUpdatePartition", "glue:GetPartitions", "glue:GetTable"]
    resources = concat(
      ["${local.arn.glue}:catalog"],
      flatten([
        for layer in distinct([for place in each.value.writes : split("/", place)[0]]) : [
          "${local.arn.glue}:database/${local.databases[layer]}",
          "${local.arn.glue}:table/${local.databases[layer]}/*",
        ]
      ]),
    )
  }

  statement {
    sid     = "AskWhetherALeaseHolderHasEnded"
    actions = ["glue:GetJobRun", "glue:GetWorkflowRun"]
    resources = concat(
      ["${local.arn.glue}:workflow/${local.workflow_name}"],
      [for name in concat(keys(local.jobs), ["upkeep"]) : "${local.arn.glue}:job/${local.prefix}_${name}_job${local.suffix}"],
    )
  }
}

# What a job of all layers may, without what belongs to Glue; and telling how it ended.
data "aws_iam_policy_document" "run_small" {
  count = local.small_runs ? 1 : 0

  source_policy_documents = [data.aws_iam_policy_document.job["small_run"].json]

  statement {
    sid       = "TellHowItEnded"
    actions   = ["events:PutEvents"]
    resources = [local.default_bus_arn]
  }
}

# What only an erasure may: the one role of the stack that removes uploads and old versions.
data "aws_iam_policy_document" "upkeep" {
  source_policy_documents = [data.aws_iam_policy_document.job["upkeep"].json]

  statement {
    sid       = "KeepTheListTheJournalAndReceipts"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${module.lake_bucket.arn}/erasures/*"]
  }

  statement {
    sid       = "PutBlankedCopiesInThePlaceOfUploads"
    actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
    resources = ["${module.raw_bucket.arn}/.cleared/*"]
  }

  statement {
    sid       = "FindOldVersions"
    actions   = ["s3:ListBucketVersions"]
    resources = [module.lake_bucket.arn, module.raw_bucket.arn, module.results_bucket.arn]
  }

  statement {
    sid     = "RemoveOldVersionsUploadsAndQueryResults"
    actions = ["s3:DeleteObjectVersion"]
    resources = [
      "${module.lake_bucket.arn}/*",
      "${module.raw_bucket.arn}/*",
      "${module.results_bucket.arn}/operators/*",
    ]
  }

  statement {
    sid       = "StartTheWorkflowForFilesThatWaited"
    actions   = ["glue:StartWorkflowRun"]
    resources = ["${local.arn.glue}:workflow/${local.workflow_name}"]
  }
}

# ---------------------------------------------------------------- functions

data "aws_iam_policy_document" "register_files" {
  statement {
    sid = "TakeUploadMessages"
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ReceiveMessage",
    ]
    resources = [aws_sqs_queue.uploads.arn]
  }

  statement {
    sid       = "RegisterFilesAndSeeWhetherSomeWait"
    actions   = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
    resources = [module.tracking.arn]
  }

  statement {
    sid       = "StartTheWorkflow"
    actions   = ["glue:StartWorkflowRun"]
    resources = ["${local.arn.glue}:workflow/${local.workflow_name}"]
  }

  dynamic "statement" {
    for_each = local.small_runs ? [local.small_run_arn] : []

    content {
      sid       = "StartSmallRuns"
      actions   = ["lambda:InvokeFunction"]
      resources = [statement.value]
    }
  }

  statement {
    sid       = "UseTheKeysOfTableAndQueue"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [module.data_key.arn, module.message_key.arn]
  }
}

data "aws_iam_policy_document" "look_and_tell" {
  statement {
    sid       = "ReadTrackingAndNoteWhatWasReported"
    actions   = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
    resources = [module.tracking.arn]
  }

  statement {
    sid       = "TakeBackAReportThatWasNotSent"
    actions   = ["dynamodb:DeleteItem"]
    resources = [module.tracking.arn]

    condition {
      test     = "ForAllValues:StringLike"
      variable = "dynamodb:LeadingKeys"
      values   = ["report#*"]
    }
  }

  statement {
    sid       = "Alert"
    actions   = ["sns:Publish"]
    resources = [module.alerts.arn]
  }

  statement {
    sid       = "UseTheKeysOfTableQueueAndTopic"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [module.data_key.arn, module.message_key.arn]
  }

  statement {
    sid       = "StartTheWorkflow"
    actions   = ["glue:GetWorkflowRun", "glue:GetWorkflowRuns", "glue:StartWorkflowRun"]
    resources = ["${local.arn.glue}:workflow/${local.workflow_name}"]
  }

  dynamic "statement" {
    for_each = local.small_runs ? [local.small_run_arn] : []

    content {
      sid       = "StartSmallRuns"
      actions   = ["lambda:InvokeFunction"]
      resources = [statement.value]
    }
  }

  statement {
    sid       = "LookAtJobRuns"
    actions   = ["glue:GetJobRun", "glue:GetJobRuns"]
    resources = local.job_arns
  }

  dynamic "statement" {
    for_each = var.slack_secret_name == null ? [] : [var.slack_secret_name]

    content {
      sid       = "ReadTheSlackAddress"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = ["${local.arn.secrets}:secret:${statement.value}-*"]
    }
  }
}

data "aws_iam_policy_document" "notify" {
  source_policy_documents = [data.aws_iam_policy_document.look_and_tell.json]

  dynamic "statement" {
    for_each = local.small_runs ? [module.tracking.arn] : []

    content {
      sid       = "GiveUpTheLeaseOfASmallRunThatWasKilled"
      actions   = ["dynamodb:UpdateItem"]
      resources = [statement.value]

      condition {
        test     = "ForAllValues:StringEquals"
        variable = "dynamodb:LeadingKeys"
        values   = ["lease"]
      }
    }
  }
}

data "aws_iam_policy_document" "sweep" {
  source_policy_documents = [data.aws_iam_policy_document.look_and_tell.json]

  statement {
    sid       = "StartTheDailyRun"
    actions   = ["glue:StartJobRun"]
    resources = ["${local.arn.glue}:job/${local.last_job}"]
  }
}

# ---------------------------------------------------------------- people

# Attach to whoever sends data, and tag them `tenant = <id>`: they can add to their own folder of
# the raw bucket and see nothing.
data "aws_iam_policy_document" "sender" {
  statement {
    sid       = "UploadIntoTheFolderOfTheirTenant"
    actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
    resources = ["${module.raw_bucket.arn}/$${aws:PrincipalTag/tenant}/*"]
  }

  statement {
    sid       = "EncryptUploads"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"] # a multipart upload reads its own parts
    resources = [module.data_key.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [local.arn.s3_in_kms]
    }
  }
}

resource "aws_iam_policy" "sender" {
  name        = "${local.prefix}_sender${local.suffix}"
  description = "Upload into the folder named by the principal's tag tenant"
  policy      = data.aws_iam_policy_document.sender.json
}

# Attach to whoever may remove persons, take runs back or send records through again: they start
# the upkeep job and read its receipts, and see no record.
data "aws_iam_policy_document" "upkeep_operator" {
  statement {
    sid       = "StartTheUpkeepJobAndWaitForIt"
    actions   = ["glue:GetJobRun", "glue:StartJobRun"]
    resources = [module.upkeep_job.arn]
  }

  statement {
    sid       = "AskForAnErasure"
    actions   = ["s3:PutObject"]
    resources = ["${module.lake_bucket.arn}/erasures/requests/*"]
  }

  statement {
    sid       = "ReadReceipts"
    actions   = ["s3:GetObject"]
    resources = ["${module.lake_bucket.arn}/erasures/run-*"]
  }

  statement {
    sid       = "ListReceipts"
    actions   = ["s3:ListBucket"]
    resources = [module.lake_bucket.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["erasures/*"]
    }
  }

  statement {
    sid       = "UseTheDataKeyThroughS3"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [module.data_key.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [local.arn.s3_in_kms]
    }
  }
}

resource "aws_iam_policy" "upkeep_operator" {
  name        = "${local.prefix}_upkeep_operator${local.suffix}"
  description = "Erase, replay, rebuild, roll back: start the upkeep job, read its receipts"
  policy      = data.aws_iam_policy_document.upkeep_operator.json
}

data "aws_iam_policy_document" "bi_reader_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    # The account: who of its people may take the role is decided in their own policies.
    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }
}

data "aws_iam_policy_document" "bi_reader" {
  statement {
    sid = "QueryInTheBiWorkgroup"
    actions = [
      "athena:BatchGetNamedQuery",
      "athena:GetNamedQuery",
      "athena:GetQueryExecution",
      "athena:GetQueryResults",
      "athena:GetWorkGroup",
      "athena:ListNamedQueries",
      "athena:StartQueryExecution",
      "athena:StopQueryExecution",
    ]
    resources = [module.bi_workgroup.arn]
  }

  # What drivers of BI tools ask for to show databases, tables and columns. Athena answers it with
  # the reader's own rights in Glue, below.
  statement {
    sid = "BrowseTheCatalogThroughAthena"
    actions = [
      "athena:GetDataCatalog",
      "athena:GetDatabase",
      "athena:GetTableMetadata",
      "athena:ListDatabases",
      "athena:ListTableMetadata",
    ]
    resources = ["${local.arn.athena}:datacatalog/AwsDataCatalog"]
  }

  statement {
    sid = "SeeThePublishDatabase"
    actions = [
      "glue:BatchGetPartition",
      "glue:GetDatabase",
      "glue:GetDatabases",
      "glue:GetPartition",
      "glue:GetPartitions",
      "glue:GetTable",
      "glue:GetTables",
    ]
    resources = [
      "${local.arn.glue}:catalog",
      "${local.arn.glue}:database/${local.databases.publish}",
      "${local.arn.glue}:table/${local.databases.publish}/*",
    ]
  }

  statement {
    sid       = "ReadPublishedFiles"
    actions   = ["s3:GetObject"]
    resources = ["${module.lake_bucket.arn}/publish/*"]
  }

  statement {
    sid       = "ListPublishedFiles"
    actions   = ["s3:ListBucket"]
    resources = [module.lake_bucket.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["publish", "publish/*"]
    }
  }

  statement {
    sid       = "KeepQueryResults"
    actions   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
    resources = ["${module.results_bucket.arn}/bi/*"]
  }

  statement {
    sid       = "ListQueryResults"
    actions   = ["s3:ListBucket"]
    resources = [module.results_bucket.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["bi", "bi/*"]
    }
  }

  statement {
    sid       = "FindTheBuckets"
    actions   = ["s3:GetBucketLocation"]
    resources = [module.lake_bucket.arn, module.results_bucket.arn]
  }

  statement {
    sid       = "UseTheDataKeyThroughS3"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [module.data_key.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [local.arn.s3_in_kms]
    }
  }
}

resource "aws_iam_role" "bi_reader" {
  name               = "${local.prefix}_bi_reader${local.suffix}"
  description        = "Reads the published measures through Athena, nothing else"
  assume_role_policy = data.aws_iam_policy_document.bi_reader_trust.json
}

resource "aws_iam_role_policy" "bi_reader" {
  name   = "read-published-measures"
  role   = aws_iam_role.bi_reader.id
  policy = data.aws_iam_policy_document.bi_reader.json
}
