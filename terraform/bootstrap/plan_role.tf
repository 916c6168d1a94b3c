# Reads the configuration of what carries this project's name, never data. Any branch of the
# repository can run code as this role, so it is an allow list: what Terraform's refresh calls, as
# recorded and judged by tests/twin/test_terraform_roles.py, and nothing else.

locals {
  # `terraform init` asks for the state of the workspace `default` before another can be chosen. There
  # is none; without the right to ask, the answer would be 403 instead of 404.
  default_state_arn = "${module.state_bucket.arn}/terraform.tfstate"

  bucket_settings = [
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketAcl",
    "s3:GetBucketCORS",
    "s3:GetBucketLogging",
    "s3:GetBucketNotification",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketRequestPayment",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetBucketWebsite",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket", # S3's word for asking whether a bucket is there
  ]

  bucket_uses = ["raw", "lake", "artifacts", "results", "logs"]

  # Names of the stack's resources (terraform/locals.tf) in any workspace.
  names = {
    athena     = "arn:${local.partition}:athena:${local.region}:${local.account}:workgroup/metriccare_"
    budgets    = "arn:${local.partition}:budgets::${local.account}:budget/metriccare_"
    dashboards = "arn:${local.partition}:cloudwatch::${local.account}:dashboard/metriccare_"
    alarms     = "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:metriccare_"
    dynamodb   = "arn:${local.partition}:dynamodb:${local.region}:${local.account}:table/metriccare_"
    events     = "arn:${local.partition}:events:${local.region}:${local.account}:rule/metriccare_"
    functions  = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:metriccare_"
    glue       = "arn:${local.partition}:glue:${local.region}:${local.account}"
    logs       = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group"
    policies   = "arn:${local.partition}:iam::${local.account}:policy/metriccare_"
    roles      = "arn:${local.partition}:iam::${local.account}:role/metriccare_"
    topics     = "arn:${local.partition}:sns:${local.region}:${local.account}:metriccare_"
    queues     = "arn:${local.partition}:sqs:${local.region}:${local.account}:metriccare_"
  }
}

data "aws_iam_policy_document" "plan" {
  source_policy_documents = [data.aws_iam_policy_document.no_data.json]

  #checkov:skip=CKV_AWS_356:the calls of the last statements know no resource, and they only read
  statement {
    sid     = "ReadStates"
    actions = ["s3:GetObject", "s3:ListBucket"]
    resources = [
      module.state_bucket.arn,
      "${module.state_bucket.arn}/metriccare/*",
      local.default_state_arn,
    ]
  }

  statement {
    sid       = "LockStates"
    actions   = ["s3:DeleteObject", "s3:PutObject"]
    resources = ["${module.state_bucket.arn}/metriccare/*.tflock"]
  }

  statement {
    sid       = "UseTheStateKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [module.state_key.arn]
  }

  statement {
    sid       = "ReadBucketSettings"
    actions   = local.bucket_settings
    resources = [for use in local.bucket_uses : "arn:${local.partition}:s3:::metriccare-${use}-${local.account}-*"]
  }

  statement {
    sid       = "CompareDeployedPackages"
    actions   = ["s3:GetObject", "s3:GetObjectTagging"]
    resources = ["arn:${local.partition}:s3:::metriccare-artifacts-${local.account}-*/*"]
  }

  # S3 gives the headers of an object only to those who may read it: packages, nothing else.
  statement {
    sid       = "DecryptDeployedPackages"
    actions   = ["kms:Decrypt"]
    resources = ["arn:${local.partition}:kms:${local.region}:${local.account}:key/*"]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:s3:arn"
      values   = ["arn:${local.partition}:s3:::metriccare-artifacts-${local.account}-*"]
    }
  }

  statement {
    sid = "ReadConfiguration"
    actions = [
      "athena:GetNamedQuery",
      "athena:GetWorkGroup",
      "athena:ListTagsForResource",
      "budgets:ListTagsForResource",
      "budgets:ViewBudget",
      "cloudwatch:GetDashboard",
      "cloudwatch:ListTagsForResource",
      "dynamodb:DescribeContinuousBackups",
      "dynamodb:DescribeTable",
      "dynamodb:DescribeTimeToLive",
      "dynamodb:ListTagsOfResource",
      "events:DescribeRule",
      "events:ListTagsForResource",
      "events:ListTargetsByRule",
      "iam:GetPolicy",
      "iam:GetPolicyVersion",
      "iam:GetRole",
      "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies",
      "iam:ListRolePolicies",
      "lambda:GetFunction",
      "lambda:GetFunctionCodeSigningConfig",
      "lambda:GetFunctionEventInvokeConfig",
      "lambda:GetPolicy",
      "lambda:ListVersionsByFunction",
      "logs:ListTagsForResource",
      "sns:GetTopicAttributes",
      "sns:ListTagsForResource",
      "sqs:GetQueueAttributes",
      "sqs:ListQueueTags",
    ]
    resources = [
      "${local.names.athena}*",
      "${local.names.budgets}*",
      "${local.names.dashboards}*",
      "${local.names.alarms}*",
      "${local.names.dynamodb}*",
      "${local.names.events}*",
      "${local.names.functions}*",
      "${local.names.logs}:/aws/lambda/metriccare_*",
      "${local.names.logs}:/metriccare/*",
      "${local.names.policies}*",
      "${local.names.roles}*",
      "${local.names.topics}*",
      "${local.names.queues}*",
    ]
  }

  statement {
    sid = "ReadTheCatalogAndJobs"
    actions = [
      "glue:GetDatabase",
      "glue:GetJob",
      "glue:GetPartitionIndexes",
      "glue:GetTable",
      "glue:GetTags",
      "glue:GetTrigger",
      "glue:GetWorkflow",
    ]
    resources = [
      "${local.names.glue}:catalog",
      "${local.names.glue}:database/metriccare_*",
      "${local.names.glue}:job/metriccare_*",
      "${local.names.glue}:table/metriccare_*",
      "${local.names.glue}:trigger/metriccare_*",
      "${local.names.glue}:workflow/metriccare_*",
    ]
  }

  statement {
    sid       = "ReadKeySettings"
    actions   = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
    resources = ["arn:${local.partition}:kms:${local.region}:${local.account}:key/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/application"
      values   = ["metriccare"]
    }
  }

  # The provider asks whether the tracking table is under this key, the one AWS would take.
  statement {
    sid       = "RecogniseTheKeyOfDynamoDb"
    actions   = ["kms:DescribeKey"]
    resources = ["arn:${local.partition}:kms:${local.region}:${local.account}:key/*"]

    condition {
      test     = "StringEquals"
      variable = "kms:RequestAlias"
      values   = ["alias/aws/dynamodb"]
    }
  }

  # Known by a number only: what reads which queue, and its tags.
  statement {
    sid       = "ReadEventSourceMappings"
    actions   = ["lambda:GetEventSourceMapping", "lambda:ListTags"]
    resources = ["arn:${local.partition}:lambda:${local.region}:${local.account}:event-source-mapping:*"]
  }

  statement {
    sid = "ReadWhatNamesNoResource"
    actions = [
      "cloudwatch:DescribeAlarms",
      "glue:GetSecurityConfiguration",
      "kms:ListAliases",
      "logs:DescribeLogGroups",
      "sns:GetSubscriptionAttributes",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role" "plan" {
  name               = "metriccare_terraform_plan"
  description        = "Plans from pull requests and main: reads configuration, never data"
  assume_role_policy = data.aws_iam_policy_document.trust["plan"].json
}

resource "aws_iam_role_policy" "plan" {
  name   = "read-configuration"
  role   = aws_iam_role.plan.id
  policy = data.aws_iam_policy_document.plan.json
}
