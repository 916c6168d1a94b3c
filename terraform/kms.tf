# Three keys: who may read data, who may read messages and who may read logs are three questions.

locals {
  of_this_account = {
    test     = "StringEquals"
    variable = "aws:SourceAccount"
    values   = [local.account]
  }
}

module "data_key" {
  source = "./modules/kms_key"

  name                 = "${local.prefix}_data${local.suffix}"
  description          = "Buckets, tracking table, query results and job output of ${terraform.workspace}"
  deletion_window_days = local.workspace.key_deletion_days
}

module "message_key" {
  source = "./modules/kms_key"

  name                 = "${local.prefix}_messages${local.suffix}"
  description          = "Queues and alerts of ${terraform.workspace}"
  deletion_window_days = local.workspace.key_deletion_days

  service_uses = {
    # S3 puts upload messages on the queue; EventBridge puts undelivered events on the dead-letter
    # queue; EventBridge, CloudWatch and Budgets publish to the topic; SNS fills subscribed queues.
    ServicesSendMessages = {
      services = [
        "s3.amazonaws.com",
        "events.amazonaws.com",
        "scheduler.amazonaws.com",
        "cloudwatch.amazonaws.com",
        "budgets.amazonaws.com",
        "sns.amazonaws.com",
      ]
      actions    = ["kms:GenerateDataKey*", "kms:Decrypt"]
      conditions = [local.of_this_account]
    }
  }
}

module "log_key" {
  source = "./modules/kms_key"

  name                 = "${local.prefix}_logs${local.suffix}"
  description          = "CloudWatch logs of ${terraform.workspace}"
  deletion_window_days = local.workspace.key_deletion_days

  service_uses = {
    # CloudWatch Logs sets no aws:SourceAccount; it names the log group in the encryption context.
    LogsOfThisAccount = {
      services = ["logs.${local.region}.amazonaws.com"]
      actions = [
        "kms:Decrypt*",
        "kms:Describe*",
        "kms:Encrypt*",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
      ]
      conditions = [{
        test     = "ArnLike"
        variable = "kms:EncryptionContext:aws:logs:arn"
        values   = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:*"]
      }]
    }
  }
}
