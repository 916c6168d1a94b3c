# Names that policies speak of, and the ARNs they make. A policy built from a resource's own attribute
# reads "known after apply" in every plan that touches the resource, and nobody can review it.
locals {
  names = {
    tracking_table      = "${local.prefix}_tracking_2${local.suffix}"
    uploads             = "${local.prefix}_uploads${local.suffix}"
    uploads_dead        = "${local.prefix}_uploads_dead${local.suffix}"
    events_dead         = "${local.prefix}_events_dead${local.suffix}"
    alerts              = "${local.prefix}_alerts${local.suffix}"
    bi_workgroup        = "${local.prefix}_bi${local.suffix}"
    operators_workgroup = "${local.prefix}_operators${local.suffix}"
    jobs                = { for name in concat(keys(local.jobs), ["upkeep"]) : name => "${local.prefix}_${name}_job${local.suffix}" }
    small_run           = "${local.prefix}_run_small${local.suffix}"
    serving_table       = "${local.prefix}_serving${local.suffix}"
    serve_published     = "${local.prefix}_serve_published${local.suffix}"
    make_export         = "${local.prefix}_make_export${local.suffix}"
    published_reader    = "${local.prefix}_published_reader${local.suffix}"
    access_stream       = "${local.prefix}_access${local.suffix}"
    rules = {
      job_ended       = "${local.prefix}_job_ended${local.suffix}"
      sweep           = "${local.prefix}_sweep${local.suffix}"
      canary          = "${local.prefix}_canary${local.suffix}"
      close_month     = "${local.prefix}_close_month${local.suffix}"
      small_run_ended = "${local.prefix}_small_run_ended${local.suffix}"
    }
  }

  arn = {
    glue                = "arn:${local.partition}:glue:${local.region}:${local.account}"
    athena              = "arn:${local.partition}:athena:${local.region}:${local.account}"
    secrets             = "arn:${local.partition}:secretsmanager:${local.region}:${local.account}"
    buckets             = { for use, name in local.bucket_names : use => "arn:${local.partition}:s3:::${name}" }
    tracking_table      = "arn:${local.partition}:dynamodb:${local.region}:${local.account}:table/${local.names.tracking_table}"
    uploads             = "arn:${local.partition}:sqs:${local.region}:${local.account}:${local.names.uploads}"
    uploads_dead        = "arn:${local.partition}:sqs:${local.region}:${local.account}:${local.names.uploads_dead}"
    events_dead         = "arn:${local.partition}:sqs:${local.region}:${local.account}:${local.names.events_dead}"
    alerts              = "arn:${local.partition}:sns:${local.region}:${local.account}:${local.names.alerts}"
    bi_workgroup        = "arn:${local.partition}:athena:${local.region}:${local.account}:workgroup/${local.names.bi_workgroup}"
    operators_workgroup = "arn:${local.partition}:athena:${local.region}:${local.account}:workgroup/${local.names.operators_workgroup}"
    rules               = { for name, rule in local.names.rules : name => "arn:${local.partition}:events:${local.region}:${local.account}:rule/${rule}" }
    serving_table       = "arn:${local.partition}:dynamodb:${local.region}:${local.account}:table/${local.names.serving_table}"
    make_export         = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.names.make_export}"
    published_reader    = "arn:${local.partition}:iam::${local.account}:role/${local.names.published_reader}"
    access_stream       = "arn:${local.partition}:firehose:${local.region}:${local.account}:deliverystream/${local.names.access_stream}"
    small_run           = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.names.small_run}"
  }

  # What a condition `kms:ViaService` calls S3.
  s3_in_kms = "s3.${local.region}.amazonaws.com"
}
