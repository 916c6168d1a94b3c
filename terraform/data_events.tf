# With `data_events` a trail records every read and write of uploads and the lake, for as long as logs are
# kept. Who read an object is a query in the operators' workgroup.

locals {
  trail_name = "${local.prefix}_data_events${local.suffix}"
  trails     = local.data_events ? { this = local.trail_name } : {}
  trail_arn  = "arn:${local.partition}:cloudtrail:${local.region}:${local.account}:trail/${local.trail_name}"
  audit_name = "${local.prefix}_audit${local.suffix}"
  audits     = local.data_events || local.serving ? { this = local.audit_name } : {}
  # Buckets of what happened, and where in them the files lie.
  audit_files = merge(local.data_events ? { trail = "AWSLogs" } : {}, local.serving ? { audit = "access" } : {})
  trail_files = "s3://${local.bucket_names.trail}/AWSLogs/${local.account}/CloudTrail/${local.region}"

  audit_queries = {
    for trail in values(local.trails) : "who_read_an_object" => {
      description = "Who read or changed an object, newest first; put its key and the first day into the last where"
      database    = local.audit_name
      query       = replace(file("${path.root}/../sql/audit/who_read_an_object.sql"), "from audit.", "from ${local.audit_name}.")
    }
  }

  # The trail writes under the key of the logs.
  trail_key_use = {
    for trail in values(local.trails) : "TrailOfThisAccount" => {
      services = ["cloudtrail.amazonaws.com"]
      actions  = ["kms:DescribeKey", "kms:GenerateDataKey*"]
      conditions = [{
        test     = "StringEquals"
        variable = "aws:SourceArn"
        values   = [local.trail_arn]
      }]
    }
  }
}

data "aws_iam_policy_document" "trail_bucket" {
  statement {
    sid       = "TheTrailLooksAtItsBucket"
    actions   = ["s3:GetBucketAcl"]
    resources = ["arn:${local.partition}:s3:::${local.bucket_names.trail}"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.trail_arn]
    }
  }

  statement {
    sid       = "TheTrailWrites"
    actions   = ["s3:PutObject"]
    resources = ["arn:${local.partition}:s3:::${local.bucket_names.trail}/AWSLogs/${local.account}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.trail_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "s3:x-amz-acl"
      values   = ["bucket-owner-full-control"]
    }
  }
}

module "trail_bucket" {
  source   = "./modules/s3_bucket"
  for_each = local.trails

  name                      = local.bucket_names.trail
  kms_key_arn               = module.log_key.arn
  access_logs               = { bucket = module.logs_bucket.name }
  force_destroy             = local.workspace.force_destroy
  noncurrent_days           = local.workspace.noncurrent_days
  expire_current_after_days = local.workspace.log_retention_days
  policy_documents          = [data.aws_iam_policy_document.trail_bucket.json]
}

resource "aws_cloudtrail" "this" {
  #checkov:skip=CKV_AWS_67:it records the objects of two buckets, which are in this region
  #checkov:skip=CKV_AWS_252:nobody waits for its files; the query reads them
  #checkov:skip=CKV2_AWS_10:the query over its files answers; a copy in CloudWatch would double the price
  for_each = local.trails

  name                       = each.value
  s3_bucket_name             = module.trail_bucket[each.key].name
  kms_key_id                 = module.log_key.arn
  enable_log_file_validation = true

  advanced_event_selector {
    name = "Objects of uploads and the lake"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }

    field_selector {
      field       = "resources.ARN"
      starts_with = ["${local.arn.buckets.raw}/", "${local.arn.buckets.lake}/"]
    }
  }
}

# Also of what is served (serving_audit.tf).
resource "aws_glue_catalog_database" "audit" {
  for_each = local.audits

  name        = local.audit_name
  description = "Who read and wrote what"
}

resource "aws_glue_catalog_table" "data_events" {
  for_each = local.trails

  name          = "data_events"
  database_name = aws_glue_catalog_database.audit[each.key].name
  description   = "Events of the trail, by day of the event"
  table_type    = "EXTERNAL_TABLE"

  # Athena computes the partitions, so nothing has to register them.
  parameters = {
    "EXTERNAL"                     = "TRUE"
    "projection.enabled"           = "true"
    "projection.day.type"          = "date"
    "projection.day.format"        = "yyyy/MM/dd"
    "projection.day.range"         = "NOW-${local.workspace.log_retention_days}DAYS,NOW"
    "projection.day.interval"      = "1"
    "projection.day.interval.unit" = "DAYS"
    "storage.location.template"    = "${local.trail_files}/$${day}"
  }

  partition_keys {
    name = "day"
    type = "string"
  }

  storage_descriptor {
    location      = "${local.trail_files}/"
    input_format  = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hive.hcatalog.data.JsonSerDe"
    }

    dynamic "columns" {
      for_each = {
        eventtime         = "string"
        eventsource       = "string"
        eventname         = "string"
        sourceipaddress   = "string"
        useragent         = "string"
        errorcode         = "string"
        requestparameters = "string"
        vpcendpointid     = "string"
        useridentity      = "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string>"
      }

      content {
        name = columns.key
        type = columns.value
      }
    }
  }
}

# Attach it, with operator_reader, to whoever may ask who read what.
data "aws_iam_policy_document" "audit_reader" {
  statement {
    sid     = "SeeTheAuditDatabase"
    actions = ["glue:GetDatabase", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"]
    resources = [
      "${local.arn.glue}:catalog",
      "${local.arn.glue}:database/${local.audit_name}",
      "${local.arn.glue}:table/${local.audit_name}/*",
    ]
  }

  statement {
    sid       = "ReadEvents"
    actions   = ["s3:GetObject"]
    resources = [for use, folder in local.audit_files : "${local.arn.buckets[use]}/${folder}/*"]
  }

  statement {
    sid       = "ListEvents"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket"]
    resources = [for use in keys(local.audit_files) : local.arn.buckets[use]]
  }

  statement {
    sid       = "DecryptEventsThroughS3"
    actions   = ["kms:Decrypt"]
    resources = [module.log_key.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [local.s3_in_kms]
    }
  }
}

resource "aws_iam_policy" "audit_reader" {
  for_each = local.audits

  name        = "${local.prefix}_audit_reader${local.suffix}"
  description = "Ask who read uploads and the lake; together with operator_reader" # a change would replace it, with whom it is attached to
  policy      = data.aws_iam_policy_document.audit_reader.json
}
