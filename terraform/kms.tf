# Three keys: who may read data, who may read messages and who may read logs are three questions.
# Function environments are under AWS's own key: they hold names, and the plan role must compare them.

locals {
  of_this_account = {
    test     = "StringEquals"
    variable = "aws:SourceAccount"
    values   = [local.account]
  }
}

# A given key takes the place of ours. Ours stays: what was written under it must remain readable.
locals {
  data_key_arn  = local.given_data_key_arn == null ? module.data_key.arn : local.given_data_key_arn
  data_key_arns = distinct([local.data_key_arn, module.data_key.arn])
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
    # EventBridge puts undelivered events on the dead-letter queue. AWS says of encrypted topics that
    # EventBridge sends no aws:SourceAccount; if that holds for queues, a condition would make
    # undelivered events vanish. The queue's policy names the rules of this account that may send.
    EventsLeaveDeadLetters = {
      services   = ["events.amazonaws.com"]
      actions    = ["kms:GenerateDataKey*", "kms:Decrypt"]
      conditions = []
    }

    # S3 puts upload messages on the queue; CloudWatch and Budgets publish to the topic; SNS fills
    # subscribed queues.
    ServicesSendMessages = {
      services = [
        "s3.amazonaws.com",
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

  service_uses = merge(local.trail_key_use, {
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
  })
}
