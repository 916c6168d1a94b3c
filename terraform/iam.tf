# Who may do what. Every role names its own places; docs/security.md shows them as a table, and
# tests/terraform evaluates the rendered policies.

locals {
  boundary_arn = data.aws_iam_policy.boundary.arn
  # A repository variable that is not set reaches Terraform as empty text.
  slack_secret_name    = var.slack_secret_name == "" ? null : var.slack_secret_name
  slack_secret_key_arn = var.slack_secret_key_arn == "" ? null : var.slack_secret_key_arn
  # Jobs of the workflow and the upkeep job: whose ends are looked at.
  job_arns = [for name in values(local.names.jobs) : "${local.arn.glue}:job/${name}"]
}

# The most that any role here can do. The bootstrap makes it (docs/deploy.md), so that a person who may
# write these policies cannot make an administrator; without it no plan is made.
data "aws_iam_policy" "boundary" {
  arn = "arn:${local.partition}:iam::${local.account}:policy/metriccare_terraform_boundary_${terraform.workspace}"
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
    resources = ["${local.arn.buckets.artifacts}/${each.key == "small_run" ? "settings/" : ""}*"]
  }

  statement {
    sid       = "FindItsSettings"
    actions   = ["s3:ListBucket"]
    resources = [local.arn.buckets.artifacts]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["settings/*"]
    }
  }

  statement {
    sid       = "FindItsPlacesInTheLake"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket"]
    resources = [local.arn.buckets.lake]
  }

  statement {
    sid     = "ReadItsPlaces"
    actions = ["s3:GetObject"]
    resources = flatten([
      for place in concat(each.value.reads, each.value.writes) : [
        "${local.arn.buckets.lake}/${place}/*",
        # Hadoop asks for a folder by its bare name first; without this the answer is 403, not 404.
        "${local.arn.buckets.lake}/${place}",
        "${local.arn.buckets.lake}/${place}_$folder$",
      ]
    ])
  }

  statement {
    sid     = "WriteItsPlaces"
    actions = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"]
    resources = flatten([
      for place in each.value.writes : [
        "${local.arn.buckets.lake}/${place}/*",
        # Glue's file system marks folders by objects of this name.
        "${local.arn.buckets.lake}/${place}_$folder$",
      ]
    ])
  }

  dynamic "statement" {
    for_each = contains(each.value.writes, "publish") ? ["${local.arn.buckets.lake}/marts/*"] : []

    content {
      sid       = "PublishMarts"
      actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      resources = [statement.value]
    }
  }

  # Only Spark keeps rows there: the function has no executors to lose.
  dynamic "statement" {
    for_each = each.key == "small_run" ? [] : ["${local.arn.buckets.lake}/${local.checkpoints}"]

    content {
      sid     = "KeepRowsOfALargeJobWhileItRuns"
      actions = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      resources = [
        "${statement.value}/*",
        # The folder's bare name, and Glue's marker of it, as above.
        statement.value,
        "${statement.value}_$folder$",
      ]
    }
  }

  dynamic "statement" {
    for_each = each.value.reads_raw ? [local.arn.buckets.raw] : []

    content {
      sid       = "ReadUploads"
      actions   = ["s3:GetObject", "s3:GetObjectVersion"]
      resources = ["${statement.value}/*"]
    }
  }

  dynamic "statement" {
    for_each = each.value.reads_raw ? [local.arn.buckets.raw] : []

    content {
      # Without them a file that is gone, or under another key, would look like a missing right and
      # end the run.
      sid       = "TellWhyAnUploadCannotBeRead"
      actions   = ["s3:GetEncryptionConfiguration", "s3:ListBucket"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = each.value.reads_raw ? [local.arn.buckets.lake] : []

    content {
      sid       = "KnowWhoWasErased"
      actions   = ["s3:GetObject"]
      resources = ["${statement.value}/erasures/erased_names.json"]
    }
  }

  statement {
    sid       = "UseTheDataKeyForFilesAndTracking"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = local.data_key_arns
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
    resources = [local.arn.tracking_table]
  }

  statement {
    sid       = "NoteThatAFileIsThrough"
    actions   = ["dynamodb:DeleteItem"]
    resources = [local.arn.tracking_table]

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
      local.job_arns,
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
    resources = ["${local.arn.buckets.lake}/erasures/*"]
  }

  statement {
    sid       = "PutBlankedCopiesInThePlaceOfUploads"
    actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
    resources = ["${local.arn.buckets.raw}/.cleared/*"]
  }

  statement {
    sid       = "FindOldVersions"
    actions   = ["s3:ListBucketVersions"]
    resources = [local.arn.buckets.lake, local.arn.buckets.raw, local.arn.buckets.results]
  }

  statement {
    sid     = "RemoveOldVersionsUploadsAndQueryResults"
    actions = ["s3:DeleteObjectVersion"]
    resources = [
      "${local.arn.buckets.lake}/*",
      "${local.arn.buckets.raw}/*",
      "${local.arn.buckets.results}/operators/*",
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
    resources = [local.arn.uploads]
  }

  statement {
    sid       = "RegisterFilesAndSeeWhetherSomeWait"
    actions   = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
    resources = [local.arn.tracking_table]
  }

  statement {
    sid       = "StartTheWorkflow"
    actions   = ["glue:StartWorkflowRun"]
    resources = ["${local.arn.glue}:workflow/${local.workflow_name}"]
  }

  dynamic "statement" {
    for_each = local.small_runs ? [local.arn.small_run] : []

    content {
      sid       = "StartSmallRuns"
      actions   = ["lambda:InvokeFunction"]
      resources = [statement.value]
    }
  }

  statement {
    sid       = "UseTheKeysOfTableAndQueue"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = concat(local.data_key_arns, [module.message_key.arn])
  }
}

data "aws_iam_policy_document" "look_and_tell" {
  statement {
    sid       = "ReadTrackingAndNoteWhatWasReported"
    actions   = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
    resources = [local.arn.tracking_table]
  }

  statement {
    sid       = "TakeBackAReportThatWasNotSent"
    actions   = ["dynamodb:DeleteItem"]
    resources = [local.arn.tracking_table]

    condition {
      test     = "ForAllValues:StringLike"
      variable = "dynamodb:LeadingKeys"
      values   = ["report#*"]
    }
  }

  statement {
    sid       = "Alert"
    actions   = ["sns:Publish"]
    resources = [local.arn.alerts]
  }

  statement {
    sid       = "UseTheKeysOfTableQueueAndTopic"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = concat(local.data_key_arns, [module.message_key.arn])
  }

  statement {
    sid       = "StartTheWorkflow"
    actions   = ["glue:GetWorkflowRun", "glue:GetWorkflowRuns", "glue:StartWorkflowRun"]
    resources = ["${local.arn.glue}:workflow/${local.workflow_name}"]
  }

  dynamic "statement" {
    for_each = local.small_runs ? [local.arn.small_run] : []

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
    for_each = local.slack_secret_name == null ? [] : [local.slack_secret_name]

    content {
      sid       = "ReadTheSlackAddress"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = ["${local.arn.secrets}:secret:${statement.value}-*"]
    }
  }

  dynamic "statement" {
    for_each = local.slack_secret_key_arn == null ? [] : [local.slack_secret_key_arn]

    content {
      sid       = "DecryptTheSlackAddress"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${local.region}.amazonaws.com"]
      }
    }
  }
}

data "aws_iam_policy_document" "notify" {
  source_policy_documents = [data.aws_iam_policy_document.look_and_tell.json]

  dynamic "statement" {
    for_each = local.small_runs ? [local.arn.tracking_table] : []

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
    resources = ["${local.arn.glue}:job/${local.names.jobs[reverse(local.job_layouts[local.workspace.job_layout])[0].name]}"]
  }
}

# ---------------------------------------------------------------- people

# Attach to people who send data, and tag them `tenant = <id>`: they can add to their own folder of
# the raw bucket and see nothing.
data "aws_iam_policy_document" "sender" {
  statement {
    sid       = "UploadIntoTheFolderOfTheirTenant"
    actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
    resources = ["${local.arn.buckets.raw}/$${aws:PrincipalTag/tenant}/*"]
  }

  statement {
    sid       = "EncryptUploads"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"] # a multipart upload reads its own parts
    resources = local.data_key_arns

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [local.s3_in_kms]
    }
  }
}

resource "aws_iam_policy" "sender" {
  name        = "${local.prefix}_sender${local.suffix}"
  description = "Upload into the folder named by the principal's tag tenant"
  policy      = data.aws_iam_policy_document.sender.json
}

# Attach to people who may erase persons, roll runs back or redrive records: they start the upkeep
# job, read its receipts, and see no record.
data "aws_iam_policy_document" "upkeep_operator" {
  statement {
    sid       = "StartTheUpkeepJobAndWaitForIt"
    actions   = ["glue:GetJobRun", "glue:StartJobRun"]
    resources = ["${local.arn.glue}:job/${local.names.jobs["upkeep"]}"]
  }

  statement {
    sid       = "AskForAnErasure"
    actions   = ["s3:PutObject"]
    resources = ["${local.arn.buckets.lake}/erasures/requests/*"]
  }

  statement {
    sid       = "ReadReceipts"
    actions   = ["s3:GetObject"]
    resources = ["${local.arn.buckets.lake}/erasures/run-*"]
  }

  statement {
    sid       = "ListReceipts"
    actions   = ["s3:ListBucket"]
    resources = [local.arn.buckets.lake]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["erasures/*"]
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
}

resource "aws_iam_policy" "upkeep_operator" {
  name        = "${local.prefix}_upkeep_operator${local.suffix}"
  description = "Erase, replay, rebuild, roll back: start the upkeep job, read its receipts"
  policy      = data.aws_iam_policy_document.upkeep_operator.json
}

# What whoever queries in a workgroup needs: the workgroup, the catalog and files of the layers it
# reads, those of the published marts (which no catalog lists), a place for results, and the key
# through S3.
locals {
  readers = {
    operators = { workgroup = local.arn.operators_workgroup, layers = local.layers }
    bi        = { workgroup = local.arn.bi_workgroup, layers = ["publish"] }
  }
}

data "aws_iam_policy_document" "reader" {
  for_each = local.readers

  statement {
    sid = "QueryInTheWorkgroup"
    actions = [
      "athena:BatchGetNamedQuery",
      "athena:GetNamedQuery",
      "athena:GetQueryExecution",
      "athena:GetQueryResults",
      "athena:GetQueryResultsStream", # how the ODBC and JDBC drivers fetch rows
      "athena:GetWorkGroup",
      "athena:ListNamedQueries",
      "athena:StartQueryExecution",
      "athena:StopQueryExecution",
    ]
    resources = [each.value.workgroup]
  }

  # What is asked to show databases, tables and columns. Athena answers it with the reader's own rights
  # in Glue, below.
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
    sid = "SeeTheDatabases"
    actions = [
      "glue:BatchGetPartition",
      "glue:GetDatabase",
      "glue:GetDatabases",
      "glue:GetPartition",
      "glue:GetPartitions",
      "glue:GetTable",
      "glue:GetTables",
    ]
    resources = concat(
      ["${local.arn.glue}:catalog"],
      [for layer in each.value.layers : "${local.arn.glue}:database/${local.databases[layer]}"],
      [for layer in each.value.layers : "${local.arn.glue}:table/${local.databases[layer]}/*"],
    )
  }

  statement {
    sid       = "ReadTheLayers"
    actions   = ["s3:GetObject"]
    resources = [for layer in concat(each.value.layers, ["marts"]) : "${local.arn.buckets.lake}/${layer}/*"]
  }

  statement {
    sid       = "ListTheLayers"
    actions   = ["s3:ListBucket"]
    resources = [local.arn.buckets.lake]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = flatten([for layer in concat(each.value.layers, ["marts"]) : [layer, "${layer}/*"]])
    }
  }

  statement {
    sid       = "KeepQueryResults"
    actions   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
    resources = ["${local.arn.buckets.results}/${each.key}/*"]
  }

  statement {
    sid       = "ListQueryResults"
    actions   = ["s3:ListBucket"]
    resources = [local.arn.buckets.results]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = [each.key, "${each.key}/*"]
    }
  }

  statement {
    sid       = "FindTheBuckets"
    actions   = ["s3:GetBucketLocation"]
    resources = [local.arn.buckets.lake, local.arn.buckets.results]
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
}

# Attach to people who keep the pipeline running: health checks and their own queries over every layer,
# in the operators' workgroup. They see records of persons; they change nothing.
data "aws_iam_policy_document" "operator_reader" {
  source_policy_documents = [data.aws_iam_policy_document.reader["operators"].json]

  statement {
    sid       = "ListTheQueries"
    actions   = ["athena:ListQueryExecutions"]
    resources = [local.arn.operators_workgroup]
  }
}

resource "aws_iam_policy" "operator_reader" {
  name        = "${local.prefix}_operator_reader${local.suffix}"
  description = "Query every layer in the operators' workgroup; change nothing"
  policy      = data.aws_iam_policy_document.operator_reader.json
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
  source_policy_documents = [data.aws_iam_policy_document.reader["bi"].json]

  # Drivers ask for both before they connect; neither knows a resource. They give names only.
  #checkov:skip=CKV_AWS_356:both lists support no resource
  statement {
    sid       = "ListCatalogsAndWorkgroups"
    actions   = ["athena:ListDataCatalogs", "athena:ListWorkGroups"]
    resources = ["*"]
  }
}

resource "aws_iam_role" "bi_reader" {
  name                 = "${local.prefix}_bi_reader${local.suffix}"
  description          = "Reads the published measures through Athena, nothing else"
  assume_role_policy   = data.aws_iam_policy_document.bi_reader_trust.json
  permissions_boundary = local.boundary_arn
}

resource "aws_iam_role_policy" "bi_reader" {
  name   = "read-published-measures"
  role   = aws_iam_role.bi_reader.id
  policy = data.aws_iam_policy_document.bi_reader.json
}
