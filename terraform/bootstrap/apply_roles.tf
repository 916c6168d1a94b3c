# One role per workspace: manages what carries the workspace's name, and reads no data.

data "aws_iam_policy_document" "apply" {
  for_each = var.workspaces

  source_policy_documents = [data.aws_iam_policy_document.no_data.json]

  #checkov:skip=CKV_AWS_107:it creates and configures what it names; it reads no credentials beyond that
  #checkov:skip=CKV_AWS_108:an apply role must write the buckets it manages; reading data is denied
  #checkov:skip=CKV_AWS_109:an apply role manages permissions of the roles and keys it names, under a boundary
  #checkov:skip=CKV_AWS_110:PassRole and role management are limited to this workspace's roles, under a boundary
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
    sid       = "AskForTheDefaultState"
    actions   = ["s3:GetObject"]
    resources = [local.default_state_arn]
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
      "${local.names.athena}*_${each.key}",
      "${local.names.budgets}*_${each.key}",
      "${local.names.dashboards}*_${each.key}",
      "${local.names.alarms}*_${each.key}",
      "${local.names.dynamodb}*_${each.key}",
      "${local.names.events}*_${each.key}",
      "${local.names.functions}*_${each.key}",
      "${local.names.glue}:catalog",
      "${local.names.glue}:database/metriccare_*_${each.key}",
      "${local.names.glue}:job/metriccare_*_${each.key}",
      "${local.names.glue}:table/metriccare_*_${each.key}/*",
      "${local.names.glue}:trigger/metriccare_*_${each.key}*",
      "${local.names.glue}:userDefinedFunction/metriccare_*_${each.key}/*",
      "${local.names.glue}:workflow/metriccare_*_${each.key}",
      "${local.names.logs}:/aws/lambda/metriccare_*_${each.key}*",
      "${local.names.logs}:/metriccare/${each.key}/*",
      "arn:${local.partition}:s3:::metriccare-*-${local.account}-${each.key}",
      "arn:${local.partition}:s3:::metriccare-*-${local.account}-${each.key}/*",
      "${local.names.topics}*_${each.key}",
      "${local.names.topics}*_${each.key}:*",
      "${local.names.queues}*_${each.key}",
    ]
  }

  statement {
    sid = "ManageItsRolesAndPolicies"
    actions = [
      "iam:CreatePolicy",
      "iam:CreatePolicyVersion",
      "iam:DeletePolicy",
      "iam:DeletePolicyVersion",
      "iam:DeleteRole",
      "iam:Get*",
      "iam:List*",
      "iam:TagPolicy",
      "iam:TagRole",
      "iam:UntagPolicy",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole",
      "iam:UpdateRoleDescription",
    ]
    resources = [
      "${local.names.policies}*_${each.key}",
      "${local.names.roles}*_${each.key}",
    ]
  }

  # What gives a role its rights needs the boundary on the role: one without it can be deleted only.
  statement {
    sid = "GiveRightsUnderTheBoundary"
    actions = [
      "iam:AttachRolePolicy",
      "iam:CreateRole",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:PutRolePermissionsBoundary",
      "iam:PutRolePolicy",
    ]
    resources = ["${local.names.roles}*_${each.key}"]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary[each.key].arn]
    }
  }

  # The names of Terraform's roles and boundaries end with a workspace's name too; none may be changed.
  statement {
    sid    = "NeverTerraformsOwnRoles"
    effect = "Deny"
    actions = [
      "iam:Add*",
      "iam:Attach*",
      "iam:Create*",
      "iam:Delete*",
      "iam:Detach*",
      "iam:PassRole",
      "iam:Put*",
      "iam:Set*",
      "iam:Tag*",
      "iam:Untag*",
      "iam:Update*",
    ]
    resources = ["${local.names.policies}terraform_*", "${local.names.roles}terraform_*"]
  }

  statement {
    sid       = "NeverTakeABoundaryAway"
    effect    = "Deny"
    actions   = ["iam:DeleteRolePermissionsBoundary"]
    resources = ["*"]
  }

  statement {
    sid       = "GiveItsRolesToGlueAndLambda"
    actions   = ["iam:PassRole"]
    resources = ["${local.names.roles}*_${each.key}"]

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

  # KMS may need minutes until a new key's tags count. What finishes a new key does not wait for them:
  # these calls read settings, switch rotation on, and name a key by an alias of this workspace.
  statement {
    sid = "FinishNewKeys"
    actions = [
      "kms:CreateAlias",
      "kms:DescribeKey",
      "kms:EnableKeyRotation",
      "kms:GetKeyPolicy",
      "kms:GetKeyRotationStatus",
      "kms:ListResourceTags",
    ]
    resources = ["arn:${local.partition}:kms:${local.region}:${local.account}:key/*"]

    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = [local.account]
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
      "sns:GetSubscriptionAttributes",
      "sns:Unsubscribe",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role" "apply" {
  for_each = var.workspaces

  name                 = "metriccare_terraform_apply_${each.key}"
  description          = "Applies the workspace ${each.key} from its GitHub environment"
  assume_role_policy   = data.aws_iam_policy_document.trust[each.key].json
  max_session_duration = 7200
}

resource "aws_iam_role_policy" "apply" {
  for_each = var.workspaces

  name   = "manage-the-workspace"
  role   = aws_iam_role.apply[each.key].id
  policy = data.aws_iam_policy_document.apply[each.key].json
}
