# Upload -> S3 notification -> queue -> register_files. A message that fails five times goes to the
# dead-letter queue and raises an alarm.

locals {
  register_timeout_seconds = 60
  register_window_seconds  = 20
}

resource "aws_sqs_queue" "uploads" {
  name                       = local.names.uploads
  kms_master_key_id          = module.message_key.arn
  message_retention_seconds  = 14 * 24 * 3600
  visibility_timeout_seconds = 6 * local.register_timeout_seconds + local.register_window_seconds
  receive_wait_time_seconds  = 20
}

resource "aws_sqs_queue" "uploads_dead" {
  name                      = local.names.uploads_dead
  kms_master_key_id         = module.message_key.arn
  message_retention_seconds = 14 * 24 * 3600
}

# A separate resource: inside the queue, the two queues would depend on each other.
resource "aws_sqs_queue_redrive_policy" "uploads" {
  queue_url = aws_sqs_queue.uploads.id
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.uploads_dead.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "uploads_dead" {
  queue_url = aws_sqs_queue.uploads_dead.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.uploads.arn]
  })
}

data "aws_iam_policy_document" "uploads_queue" {
  statement {
    sid       = "RawBucketTellsOfUploads"
    actions   = ["sqs:SendMessage"]
    resources = [local.arn.uploads]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.arn.buckets.raw]
    }
  }

  statement {
    sid       = "OnlyOverTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [local.arn.uploads]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "uploads" {
  queue_url = aws_sqs_queue.uploads.id
  policy    = data.aws_iam_policy_document.uploads_queue.json
}

data "aws_iam_policy_document" "uploads_dead" {
  statement {
    sid       = "OnlyOverTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [local.arn.uploads_dead]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "uploads_dead" {
  queue_url = aws_sqs_queue.uploads_dead.id
  policy    = data.aws_iam_policy_document.uploads_dead.json
}

resource "aws_s3_bucket_notification" "raw" {
  bucket = module.raw_bucket.name

  queue {
    id        = "uploads"
    queue_arn = aws_sqs_queue.uploads.arn
    events    = ["s3:ObjectCreated:*"]
  }

  depends_on = [aws_sqs_queue_policy.uploads]
}

module "register_files" {
  source = "./modules/lambda_function"

  name               = "${local.prefix}_register_files${local.suffix}"
  description        = "Registers uploaded files and starts a run unless one is active"
  handler            = "lambda_functions.register_files.handler.handler"
  package            = { path = local.lambda_package }
  role               = { policy = data.aws_iam_policy_document.register_files.json, boundary_arn = local.boundary_arn }
  network            = local.function_network
  timeout_seconds    = local.register_timeout_seconds
  log_key_arn        = module.log_key.arn
  log_retention_days = local.workspace.log_retention_days
  dead_letter_arn    = aws_sqs_queue.events_dead.arn
  environment        = local.function_environment
}

resource "aws_lambda_event_source_mapping" "uploads" {
  event_source_arn                   = aws_sqs_queue.uploads.arn
  function_name                      = module.register_files.arn
  batch_size                         = 10
  maximum_batching_window_in_seconds = local.register_window_seconds
  function_response_types            = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = 2
  }
}
