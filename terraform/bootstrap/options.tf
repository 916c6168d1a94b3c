# Rights for options of the stack (docs/deploy.md, "Options"). Only an account whose administrator names an
# option here gives Terraform's roles, and the roles they make, what that option takes.

locals {
  has_network = contains(var.options, "private_network")
  has_events  = contains(var.options, "data_events")
  has_serving = contains(var.options, "serving")
  # Buckets of options, whose settings a plan reads.
  option_buckets = concat(local.has_events ? ["trail"] : [], var.raw_replica_region == null ? [] : ["raw-replica"])
  replica_keys   = var.raw_replica_region == null ? [] : ["arn:${local.partition}:kms:${var.raw_replica_region}:${local.account}"]
  trails         = "arn:${local.partition}:cloudtrail:${local.region}:${local.account}:trail/metriccare_"

  ec2 = "arn:${local.partition}:ec2:${local.region}:${local.account}"
  # Each call that makes a part of a network, and the part it makes.
  network_parts = {
    AuthorizeSecurityGroupEgress  = "security-group-rule"
    AuthorizeSecurityGroupIngress = "security-group-rule"
    CreateRouteTable              = "route-table"
    CreateSecurityGroup           = "security-group"
    CreateSubnet                  = "subnet"
    CreateVpc                     = "vpc"
    CreateVpcEndpoint             = "vpc-endpoint"
  }
}

# What a plan reads.
data "aws_iam_policy_document" "plan_options" {
  #checkov:skip=CKV_AWS_356:what describes networks knows no resource, and only reads
  dynamic "statement" {
    for_each = local.has_network ? [true] : []

    content {
      sid = "DescribeNetworks"
      actions = [
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeNetworkInterfaces", # those of endpoints
        "ec2:DescribePrefixLists",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroupRules",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
      ]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = local.has_network ? [true] : []

    content {
      sid       = "ReadConnections"
      actions   = ["glue:GetConnection", "glue:GetTags"]
      resources = ["${local.names.glue}:catalog", "${local.names.glue}:connection/metriccare_*"]
    }
  }

  dynamic "statement" {
    for_each = length(var.data_key_arns) == 0 ? [] : [true]

    content {
      sid       = "RecogniseGivenKeys"
      actions   = ["kms:DescribeKey"]
      resources = var.data_key_arns
    }
  }

  dynamic "statement" {
    for_each = length(local.option_buckets) == 0 ? [] : [true]

    content {
      sid       = "ReadSettingsOfTheirBuckets"
      actions   = local.bucket_settings
      resources = [for use in local.option_buckets : "arn:${local.partition}:s3:::metriccare-${use}-${local.account}-*"]
    }
  }

  dynamic "statement" {
    for_each = local.replica_keys

    content {
      sid       = "ReadKeySettingsInTheSecondRegion"
      actions   = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
      resources = ["${statement.value}:key/*"]

      condition {
        test     = "StringEquals"
        variable = "aws:ResourceTag/application"
        values   = ["metriccare"]
      }
    }
  }

  dynamic "statement" {
    for_each = local.has_events ? [true] : []

    content {
      sid = "ReadTrails"
      actions = [
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetInsightSelectors",
        "cloudtrail:GetTrail",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:ListTags",
      ]
      resources = ["${local.trails}*"]
    }
  }

  dynamic "statement" {
    for_each = local.has_events ? [true] : []

    content {
      sid       = "FindTrails"
      actions   = ["cloudtrail:DescribeTrails", "cloudtrail:ListTrails"]
      resources = ["*"]
    }
  }
}

# What an apply makes and changes, besides what it reads like a plan.
data "aws_iam_policy_document" "apply_options" {
  for_each = var.workspaces

  source_policy_documents = [data.aws_iam_policy_document.plan_options.json]

  dynamic "statement" {
    for_each = local.has_network ? local.network_parts : {}

    content {
      sid       = "Make${statement.key}"
      actions   = ["ec2:${statement.key}"]
      resources = ["${local.ec2}:${statement.value}/*"]

      condition {
        test     = "StringEquals"
        variable = "aws:RequestTag/workspace"
        values   = [each.key]
      }
    }
  }

  dynamic "statement" {
    for_each = local.has_network ? [true] : []

    content {
      sid       = "TagWhatItMakes"
      actions   = ["ec2:CreateTags"]
      resources = ["${local.ec2}:*/*"]

      condition {
        test     = "StringEquals"
        variable = "ec2:CreateAction"
        values   = keys(local.network_parts)
      }
    }
  }

  # In, from and with what carries the workspace's tag.
  dynamic "statement" {
    for_each = local.has_network ? [true] : []

    content {
      sid = "ChangeNetworksWithItsTag"
      actions = concat(
        [for action, part in local.network_parts : "ec2:${action}" if action != "CreateVpc"],
        [
          "ec2:AssociateRouteTable",
          "ec2:CreateTags",
          "ec2:DeleteRouteTable",
          "ec2:DeleteSecurityGroup",
          "ec2:DeleteSubnet",
          "ec2:DeleteTags",
          "ec2:DeleteVpc",
          "ec2:DeleteVpcEndpoints",
          "ec2:DisassociateRouteTable",
          "ec2:ModifySecurityGroupRules",
          "ec2:ModifySubnetAttribute",
          "ec2:ModifyVpcAttribute",
          "ec2:ModifyVpcEndpoint",
          "ec2:RevokeSecurityGroupEgress",
          "ec2:RevokeSecurityGroupIngress",
        ],
      )
      resources = ["${local.ec2}:*/*"]

      condition {
        test     = "StringEquals"
        variable = "aws:ResourceTag/workspace"
        values   = [each.key]
      }
    }
  }

  dynamic "statement" {
    for_each = local.has_network ? [true] : []

    content {
      sid = "ManageItsConnections"
      actions = [
        "glue:CreateConnection",
        "glue:DeleteConnection",
        "glue:TagResource",
        "glue:UntagResource",
        "glue:UpdateConnection",
      ]
      resources = ["${local.names.glue}:catalog", "${local.names.glue}:connection/metriccare_*_${each.key}"]
    }
  }

  # Lambda asks for the groups of a network in the name of whoever puts a function there.
  dynamic "statement" {
    for_each = local.has_network ? [true] : []

    content {
      sid       = "LookAtGroupsForFunctions"
      actions   = ["ec2:GetSecurityGroupsForVpc"]
      resources = ["*"]
    }
  }

  # An endpoint takes the usual name of its service inside the network, by a zone of that service.
  dynamic "statement" {
    for_each = local.has_network ? [true] : []

    content {
      sid       = "NameServicesInTheNetwork"
      actions   = ["route53:AssociateVPCWithHostedZone"]
      resources = ["arn:${local.partition}:route53:::hostedzone/*"]
    }
  }

  # Packages in S3 and the tracking table are put under the given key.
  dynamic "statement" {
    for_each = length(var.data_key_arns) == 0 ? [] : [true]

    content {
      sid       = "PutThingsUnderGivenKeys"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = var.data_key_arns

      condition {
        test     = "StringLike"
        variable = "kms:ViaService"
        values   = ["dynamodb.${local.region}.amazonaws.com", "s3.${local.region}.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.data_key_arns) == 0 ? [] : [true]

    content {
      sid       = "LetTheTableUseGivenKeys"
      actions   = ["kms:CreateGrant"]
      resources = var.data_key_arns

      condition {
        test     = "Bool"
        variable = "kms:GrantIsForAWSResource"
        values   = ["true"]
      }
    }
  }

  dynamic "statement" {
    for_each = local.has_events ? [true] : []

    content {
      sid = "ManageItsTrail"
      actions = [
        "cloudtrail:AddTags",
        "cloudtrail:CreateTrail",
        "cloudtrail:DeleteTrail",
        "cloudtrail:PutEventSelectors",
        "cloudtrail:RemoveTags",
        "cloudtrail:StartLogging",
        "cloudtrail:StopLogging",
        "cloudtrail:UpdateTrail",
      ]
      resources = ["${local.trails}*_${each.key}"]
    }
  }

  # The bucket's name is one of the workspace's, which the role manages already.
  dynamic "statement" {
    for_each = local.replica_keys

    content {
      sid       = "GiveItsRoleToReplication"
      actions   = ["iam:PassRole"]
      resources = ["${local.names.roles}replica_${each.key}"]

      condition {
        test     = "StringEquals"
        variable = "iam:PassedToService"
        values   = ["s3.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = local.replica_keys

    content {
      sid       = "ManageKeysWithItsTagInTheSecondRegion"
      actions   = ["kms:*"]
      resources = ["${statement.value}:key/*"]

      condition {
        test     = "StringEquals"
        variable = "aws:ResourceTag/workspace"
        values   = [each.key]
      }
    }
  }

  dynamic "statement" {
    for_each = local.replica_keys

    content {
      sid       = "NameItsKeysInTheSecondRegion"
      actions   = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
      resources = ["${statement.value}:alias/metriccare_*_${each.key}"]
    }
  }
}

# What roles of a workspace can do at most, besides boundary.tf.
data "aws_iam_policy_document" "boundary_options" {
  for_each = var.workspaces

  #checkov:skip=CKV_AWS_111:interfaces do not exist yet when they are made; roles of jobs and functions are given these rights only
  #checkov:skip=CKV_AWS_356:what describes networks knows no resource
  dynamic "statement" {
    for_each = local.has_network ? [true] : []

    content {
      sid = "JoinANetwork"
      actions = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcEndpoints",
        "ec2:UnassignPrivateIpAddresses",
      ]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = local.has_network ? [true] : []

    content {
      sid       = "MarkInterfaces"
      actions   = ["ec2:CreateTags", "ec2:DeleteTags"]
      resources = ["${local.ec2}:network-interface/*"]
    }
  }

  dynamic "statement" {
    for_each = local.has_network ? [true] : []

    content {
      sid       = "ReadConnections"
      actions   = ["glue:GetConnection"]
      resources = ["${local.names.glue}:catalog", "${local.names.glue}:connection/metriccare_*"]
    }
  }

  dynamic "statement" {
    for_each = length(var.data_key_arns) == 0 ? [] : [true]

    content {
      sid       = "UseGivenKeys"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = var.data_key_arns
    }
  }

  dynamic "statement" {
    for_each = local.replica_keys

    content {
      sid = "CopyUploads"
      actions = [
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionTagging",
        "s3:GetReplicationConfiguration",
        "s3:ReplicateObject",
        "s3:ReplicateTags",
      ]
      resources = ["arn:${local.partition}:s3:::metriccare-raw-*${local.account}-${each.key}*"]
    }
  }

  dynamic "statement" {
    for_each = local.replica_keys

    content {
      sid       = "EncryptCopies"
      actions   = ["kms:Encrypt", "kms:GenerateDataKey"]
      resources = ["${statement.value}:key/*"]

      condition {
        test     = "StringEquals"
        variable = "aws:ResourceTag/workspace"
        values   = [each.key]
      }
    }
  }

  dynamic "statement" {
    for_each = local.has_serving ? [true] : []

    content {
      sid       = "ReadForOneTenant"
      actions   = ["sts:AssumeRole", "sts:TagSession"]
      resources = ["${local.names.roles}published_reader_${each.key}"]
    }
  }

  dynamic "statement" {
    for_each = local.has_serving ? [true] : []

    content {
      sid = "WriteTheAudit"
      actions = [
        "firehose:DescribeDeliveryStream",
        "firehose:PutRecord",
        "logs:PutLogEvents",
        "s3:AbortMultipartUpload",
        "s3:GetBucketLocation",
        "s3:ListBucket",
        "s3:PutObject",
      ]
      resources = [
        "${local.streams}*_${each.key}",
        "${local.names.logs}:/aws/firehose/metriccare_*_${each.key}:*",
        "arn:${local.partition}:s3:::metriccare-audit-${local.account}-${each.key}",
        "arn:${local.partition}:s3:::metriccare-audit-${local.account}-${each.key}/*",
      ]
    }
  }
}
