# Rights for the option `serving`, in policies of their own. APIs, distributions, user pools and their parts are
# known by ids that AWS gives, so an apply role manages those of the whole account: give a workspace that
# serves an account of its own. No role of Terraform adds people to a user pool.

locals {
  cloudfront = "arn:${local.partition}:cloudfront::${local.account}"
  pools      = "arn:${local.partition}:cognito-idp:${local.region}:${local.account}:userpool/*"
  streams    = "arn:${local.partition}:firehose:${local.region}:${local.account}:deliverystream/metriccare_"
  web_acls   = "arn:${local.partition}:wafv2:us-east-1:${local.account}:global/webacl/metriccare_"
  gateway    = "arn:${local.partition}:apigateway:${local.region}::"
}

data "aws_iam_policy_document" "plan_serving" {
  #checkov:skip=CKV_AWS_356:a domain of sign-in pages knows no resource, and is only read
  statement {
    sid       = "ReadSettingsOfItsBuckets"
    actions   = local.bucket_settings
    resources = [for use in ["audit", "site"] : "arn:${local.partition}:s3:::metriccare-${use}-${local.account}-*"]
  }

  statement {
    sid       = "CompareFilesOfThePage"
    actions   = ["s3:GetObject", "s3:GetObjectTagging"]
    resources = ["arn:${local.partition}:s3:::metriccare-site-${local.account}-*/*"]
  }

  statement {
    sid       = "ReadApis"
    actions   = ["apigateway:GET"]
    resources = ["${local.gateway}/apis/*", "${local.gateway}/tags/*"]
  }

  statement {
    sid = "ReadDistributions"
    actions = [
      "cloudfront:DescribeFunction",
      "cloudfront:GetCachePolicy",
      "cloudfront:GetDistribution",
      "cloudfront:GetFunction",
      "cloudfront:GetOriginAccessControl",
      "cloudfront:GetResponseHeadersPolicy",
      "cloudfront:ListTagsForResource",
    ]
    resources = [
      "${local.cloudfront}:cache-policy/*",
      "${local.cloudfront}:distribution/*",
      "${local.cloudfront}:function/metriccare_*",
      "${local.cloudfront}:origin-access-control/*",
      "${local.cloudfront}:response-headers-policy/*",
    ]
  }

  statement {
    sid = "ReadUserPools"
    actions = [
      "cognito-idp:DescribeUserPool",
      "cognito-idp:DescribeUserPoolClient",
      "cognito-idp:GetGroup",
      "cognito-idp:GetUserPoolMfaConfig",
    ]
    resources = [local.pools]
  }

  statement {
    sid       = "FindTheDomainOfSignInPages"
    actions   = ["cognito-idp:DescribeUserPoolDomain"]
    resources = ["*"]
  }

  statement {
    sid       = "ReadStreams"
    actions   = ["firehose:DescribeDeliveryStream", "firehose:ListTagsForDeliveryStream"]
    resources = ["${local.streams}*"]
  }

  statement {
    sid       = "ReadWebAcls"
    actions   = ["wafv2:GetWebACL", "wafv2:ListTagsForResource"]
    resources = ["${local.web_acls}*"]
  }

  statement {
    sid       = "ReadVersionsThatAreCalled"
    actions   = ["lambda:GetAlias"]
    resources = ["${local.names.functions}*"]
  }

  statement {
    sid     = "ReadTheirLogs"
    actions = ["logs:DescribeLogStreams", "logs:ListTagsForResource"]
    resources = [
      "${local.names.logs}:/aws/apigateway/metriccare_*",
      "${local.names.logs}:/aws/firehose/metriccare_*",
    ]
  }
}

data "aws_iam_policy_document" "apply_serving" {
  for_each = var.workspaces

  source_policy_documents = [data.aws_iam_policy_document.plan_serving.json]

  #checkov:skip=CKV_AWS_109:it manages what is known by ids; roles it makes stay under the boundary
  #checkov:skip=CKV_AWS_111:what is created has no id yet
  #checkov:skip=CKV_AWS_356:creation calls and deliveries of logs know no resource
  statement {
    sid       = "ManageApis"
    actions   = ["apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT", "apigateway:TagResource", "apigateway:UntagResource"]
    resources = ["${local.gateway}/apis", "${local.gateway}/apis/*", "${local.gateway}/tags/*"]
  }

  # Access logs of a stage are a delivery, which the gateway makes in the name of whoever makes the stage.
  statement {
    sid = "LetTheGatewayWriteItsLog"
    actions = [
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:UpdateLogDelivery",
    ]
    resources = ["*"]
  }

  statement {
    sid = "ManageDistributions"
    actions = [
      "cloudfront:CreateCachePolicy",
      "cloudfront:CreateDistribution",
      "cloudfront:CreateFunction",
      "cloudfront:CreateOriginAccessControl",
      "cloudfront:CreateResponseHeadersPolicy",
      "cloudfront:DeleteCachePolicy",
      "cloudfront:DeleteDistribution",
      "cloudfront:DeleteFunction",
      "cloudfront:DeleteOriginAccessControl",
      "cloudfront:DeleteResponseHeadersPolicy",
      "cloudfront:PublishFunction",
      "cloudfront:TagResource",
      "cloudfront:UntagResource",
      "cloudfront:UpdateCachePolicy",
      "cloudfront:UpdateDistribution",
      "cloudfront:UpdateFunction",
      "cloudfront:UpdateOriginAccessControl",
      "cloudfront:UpdateResponseHeadersPolicy",
    ]
    resources = [
      "${local.cloudfront}:cache-policy/*",
      "${local.cloudfront}:distribution/*",
      "${local.cloudfront}:function/metriccare_*_${each.key}",
      "${local.cloudfront}:origin-access-control/*",
      "${local.cloudfront}:response-headers-policy/*",
    ]
  }

  statement {
    sid       = "CreateUserPools"
    actions   = ["cognito-idp:CreateUserPool"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/workspace"
      values   = [each.key]
    }
  }

  statement {
    sid = "ManageUserPoolsWithoutTheirPeople"
    actions = [
      "cognito-idp:AddCustomAttributes",
      "cognito-idp:CreateGroup",
      "cognito-idp:CreateUserPoolClient",
      "cognito-idp:CreateUserPoolDomain",
      "cognito-idp:DeleteGroup",
      "cognito-idp:DeleteUserPool",
      "cognito-idp:DeleteUserPoolClient",
      "cognito-idp:DeleteUserPoolDomain",
      "cognito-idp:SetUserPoolMfaConfig",
      "cognito-idp:TagResource",
      "cognito-idp:UntagResource",
      "cognito-idp:UpdateGroup",
      "cognito-idp:UpdateUserPool",
      "cognito-idp:UpdateUserPoolClient",
      "cognito-idp:UpdateUserPoolDomain",
    ]
    resources = [local.pools]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/workspace"
      values   = [each.key]
    }
  }

  statement {
    sid = "ManageItsStream"
    actions = [
      "firehose:CreateDeliveryStream",
      "firehose:DeleteDeliveryStream",
      "firehose:StartDeliveryStreamEncryption",
      "firehose:StopDeliveryStreamEncryption",
      "firehose:TagDeliveryStream",
      "firehose:UntagDeliveryStream",
      "firehose:UpdateDestination",
    ]
    resources = ["${local.streams}*_${each.key}"]
  }

  statement {
    sid       = "GiveItsRoleToFirehose"
    actions   = ["iam:PassRole"]
    resources = ["${local.names.roles}access_${each.key}"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["firehose.amazonaws.com"]
    }
  }

  statement {
    sid     = "ManageItsWebAcl"
    actions = ["wafv2:CreateWebACL", "wafv2:DeleteWebACL", "wafv2:TagResource", "wafv2:UntagResource", "wafv2:UpdateWebACL"]
    resources = [
      "${local.web_acls}*_${each.key}/*",
      "arn:${local.partition}:wafv2:us-east-1:*:global/managedruleset/*/*",
    ]
  }

  statement {
    sid     = "ManageTheirLogs"
    actions = ["logs:*"]
    resources = [
      "${local.names.logs}:/aws/apigateway/metriccare_*_${each.key}*",
      "${local.names.logs}:/aws/firehose/metriccare_*_${each.key}*",
    ]
  }
}
