data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["glue.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_caller_identity" "current" {}

resource "aws_iam_role" "this" {
  name               = var.name
  description        = "What the job ${var.name} may do"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "this" {
  name   = "what-it-does"
  role   = aws_iam_role.this.id
  policy = var.policy
}

resource "aws_glue_job" "this" {
  name                   = var.name
  description            = var.description
  role_arn               = aws_iam_role.this.arn
  glue_version           = "5.0" # Spark 3.5.4, Python 3.11, Hudi 0.15.0: the newest with this Hudi
  worker_type            = "G.1X"
  number_of_workers      = var.workers
  execution_class        = var.execution_class
  timeout                = var.timeout_minutes
  max_retries            = 0 # the next run takes the files again; a retry would meet its own lease
  security_configuration = var.security_configuration

  command {
    name            = "glueetl"
    script_location = var.script_location
    python_version  = "3"
  }

  execution_property {
    max_concurrent_runs = 1
  }

  default_arguments = merge({
    "--datalake-formats"                 = "hudi"
    "--enable-continuous-cloudwatch-log" = "true"
    "--enable-glue-datacatalog"          = "true"
    "--enable-metrics"                   = "true"
    "--enable-observability-metrics"     = "true"
    "--job-bookmark-option"              = "job-bookmark-disable" # the tracking table is the bookmark
    "--job-language"                     = "python"
  }, var.arguments)

  depends_on = [aws_iam_role_policy.this]
}
