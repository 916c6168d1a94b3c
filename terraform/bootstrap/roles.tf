# The plan role reads configuration, never data; each apply role manages what carries its
# workspace's name. Both are taken by workflows of one repository, without stored keys.

data "aws_iam_policy_document" "plan_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.oidc_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values = [
        "repo:${var.github_repository}:pull_request",
        "repo:${var.github_repository}:ref:refs/heads/main",
      ]
    }
  }
}

data "aws_iam_policy_document" "plan" {
  statement {
    sid       = "ReadStates"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [module.state_bucket.arn, "${module.state_bucket.arn}/*"]
  }

  statement {
    sid       = "LockStates"
    actions   = ["s3:DeleteObject", "s3:PutObject"]
    resources = ["${module.state_bucket.arn}/*.tflock"]
  }

  statement {
    sid       = "UseTheStateKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [module.state_key.arn]
  }

  # ReadOnlyAccess would also let it read records; a plan needs none.
  statement {
    sid    = "SeeNoData"
    effect = "Deny"
    actions = [
      "s3:GetObject",
      "s3:GetObjectVersion",
    ]
    resources = [
      for use in ["raw", "lake", "results", "logs"] :
      "arn:${local.partition}:s3:::metriccare-${use}-${local.account}-*/*"
    ]
  }

  statement {
    sid    = "SeeNoTrackingMessagesOrLogs"
    effect = "Deny"
    actions = [
      "athena:GetQueryResults",
      "dynamodb:BatchGetItem",
      "dynamodb:GetItem",
      "dynamodb:Query",
      "dynamodb:Scan",
      "logs:FilterLogEvents",
      "logs:GetLogEvents",
      "logs:StartQuery",
      "sqs:ReceiveMessage",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role" "plan" {
  name               = "metriccare_terraform_plan"
  description        = "Plans from pull requests and main: reads configuration, never data"
  assume_role_policy = data.aws_iam_policy_document.plan_trust.json
}

resource "aws_iam_role_policy" "plan" {
  name   = "states-and-no-data"
  role   = aws_iam_role.plan.id
  policy = data.aws_iam_policy_document.plan.json
}

resource "aws_iam_role_policy_attachment" "plan_reads_configuration" {
  role       = aws_iam_role.plan.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/ReadOnlyAccess"
}

data "aws_iam_policy_document" "apply_trust" {
  for_each = var.workspaces

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.oidc_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    # Only a job in the environment of the workspace, behind its approval.
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:${var.github_repository}:environment:${each.key}"]
    }
  }
}

data "aws_iam_policy_document" "apply" {
  for_each = var.workspaces

  #checkov:skip=CKV_AWS_107:it creates and configures what it names; it reads no credentials beyond that
  #checkov:skip=CKV_AWS_108:an apply role must read and write the buckets it manages
  #checkov:skip=CKV_AWS_109:an apply role manages permissions of the roles and keys it names
  #checkov:skip=CKV_AWS_110:PassRole and role management are limited to this workspace's roles
  #checkov:skip=CKV_AWS_111:creation calls have no resource yet; they are limited by tag or name where the service allows
  #checkov:skip=CKV_AWS_356:creation and list calls have no resource to name
  statement {
    sid     = "ReadAndWriteItsState"
    actions = ["s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"]
    resources = [
      module.state_bucket.arn,
      "${module.state_bucket.arn}/metriccare/${each.key}/*",
    ]
  }

  statement {
    sid       = "UseTheStateKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [module.state_key.arn]
  }

  statement {
    sid = "ManageWhatCarriesTheWorkspacesName"
    actions = [
      "athena:*",
      "budgets:*",
      "cloudwatch:*",
      "dynamodb:*",
      "events:*",
      "glue:*",
      "lambda:*",
      "logs:*",
      "s3:*",
      "sns:*",
      "sqs:*",
    ]
    resources = [
      "arn:${local.partition}:athena:${local.region}:${local.account}:workgroup/metriccare_*_${each.key}",
      "arn:${local.partition}:budgets::${local.account}:budget/metriccare_*_${each.key}",
      "arn:${local.partition}:cloudwatch::${local.account}:dashboard/metriccare_*_${each.key}",
      "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:metriccare_*_${each.key}",
      "arn:${local.partition}:dynamodb:${local.region}:${local.account}:table/metriccare_*_${each.key}",
      "arn:${local.partition}:events:${local.region}:${local.account}:rule/metriccare_*_${each.key}",
      "arn:${local.partition}:glue:${local.region}:${local.account}:catalog",
      "arn:${local.partition}:glue:${local.region}:${local.account}:database/metriccare_*_${each.key}",
      "arn:${local.partition}:glue:${local.region}:${local.account}:job/metriccare_*_${each.key}",
      "arn:${local.partition}:glue:${local.region}:${local.account}:table/metriccare_*_${each.key}/*",
      "arn:${local.partition}:glue:${local.region}:${local.account}:trigger/metriccare_*_${each.key}*",
      "arn:${local.partition}:glue:${local.region}:${local.account}:userDefinedFunction/metriccare_*_${each.key}/*",
      "arn:${local.partition}:glue:${local.region}:${local.account}:workflow/metriccare_*_${each.key}",
      "arn:${local.partition}:lambda:${local.region}:${local.account}:function:metriccare_*_${each.key}",
      "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/lambda/metriccare_*_${each.key}*",
      "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/metriccare/${each.key}/*",
      "arn:${local.partition}:s3:::metriccare-*-${local.account}-${each.key}",
      "arn:${local.partition}:s3:::metriccare-*-${local.account}-${each.key}/*",
      "arn:${local.partition}:sns:${local.region}:${local.account}:metriccare_*_${each.key}",
      "arn:${local.partition}:sns:${local.region}:${local.account}:metriccare_*_${each.key}:*",
      "arn:${local.partition}:sqs:${local.region}:${local.account}:metriccare_*_${each.key}",
    ]
  }

  statement {
    sid = "ManageItsRolesAndPolicies"
    actions = [
      "iam:AttachRolePolicy",
      "iam:CreatePolicy",
      "iam:CreatePolicyVersion",
      "iam:CreateRole",
      "iam:DeletePolicy",
      "iam:DeletePolicyVersion",
      "iam:DeleteRole",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:Get*",
      "iam:List*",
      "iam:PutRolePolicy",
      "iam:TagPolicy",
      "iam:TagRole",
      "iam:UntagPolicy",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole",
      "iam:UpdateRoleDescription",
    ]
    resources = [
      "arn:${local.partition}:iam::${local.account}:policy/metriccare_*_${each.key}",
      "arn:${local.partition}:iam::${local.account}:role/metriccare_*_${each.key}",
    ]
  }

  # The apply roles carry a workspace's name at their end too; none may change them.
  statement {
    sid       = "NeverItsOwnRole"
    effect    = "Deny"
    actions   = ["iam:*"]
    resources = ["arn:${local.partition}:iam::${local.account}:role/metriccare_terraform_*"]
  }

  statement {
    sid       = "GiveItsRolesToGlueAndLambda"
    actions   = ["iam:PassRole"]
    resources = ["arn:${local.partition}:iam::${local.account}:role/metriccare_*_${each.key}"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["glue.amazonaws.com", "lambda.amazonaws.com"]
    }
  }

  statement {
    sid       = "CreateKeysWithItsTag"
    actions   = ["kms:CreateKey", "kms:TagResource"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/workspace"
      values   = [each.key]
    }
  }

  statement {
    sid       = "ManageKeysWithItsTag"
    actions   = ["kms:*"]
    resources = ["arn:${local.partition}:kms:${local.region}:${local.account}:key/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/workspace"
      values   = [each.key]
    }
  }

  statement {
    sid       = "NameItsKeys"
    actions   = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
    resources = ["arn:${local.partition}:kms:${local.region}:${local.account}:alias/metriccare_*_${each.key}"]
  }

  # Calls that know no resource, or name it only by an id that does not exist yet.
  statement {
    sid = "CallsWithoutResources"
    actions = [
      "athena:CreateNamedQuery",
      "athena:DeleteNamedQuery",
      "athena:GetNamedQuery",
      "cloudwatch:DescribeAlarms",
      "glue:CreateSecurityConfiguration",
      "glue:DeleteSecurityConfiguration",
      "glue:GetSecurityConfiguration",
      "kms:ListAliases",
      "kms:ListKeys",
      "lambda:CreateEventSourceMapping",
      "lambda:DeleteEventSourceMapping",
      "lambda:GetEventSourceMapping",
      "lambda:ListEventSourceMappings",
      "lambda:ListTags",
      "lambda:TagResource",
      "lambda:UpdateEventSourceMapping",
      "logs:DescribeLogGroups",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role" "apply" {
  for_each = var.workspaces

  name                 = "metriccare_terraform_apply_${each.key}"
  description          = "Applies the workspace ${each.key} from its GitHub environment"
  assume_role_policy   = data.aws_iam_policy_document.apply_trust[each.key].json
  max_session_duration = 7200
}

resource "aws_iam_role_policy" "apply" {
  for_each = var.workspaces

  name   = "manage-the-workspace"
  role   = aws_iam_role.apply[each.key].id
  policy = data.aws_iam_policy_document.apply[each.key].json
}
