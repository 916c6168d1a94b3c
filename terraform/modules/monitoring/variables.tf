variable "name_prefix" {
  description = "Prefix of the names of the alarms and the dashboard."
  type        = string
}

variable "name_suffix" {
  description = "Suffix of those names; it makes them unique in the account."
  type        = string
}

variable "region" {
  description = "Region whose metrics the dashboard shows."
  type        = string
}

variable "topic_arn" {
  description = "SNS topic that gets a message when an alarm starts and ends."
  type        = string
}

variable "alarms" {
  description = "Alarms by name; each description says what the alarm means and what to do."
  type = map(object({
    description    = string
    namespace      = string
    metric         = string
    dimensions     = map(string)
    statistic      = string
    period_seconds = number
    periods        = optional(number, 1)
    threshold      = number
    comparison     = optional(string, "GreaterThanOrEqualToThreshold")
    missing_data   = optional(string, "notBreaching")
    sends_ok       = optional(bool, false) # whether its end is reported too: only for a state that lasts
  }))

  validation {
    condition = alltrue([
      for alarm in var.alarms : alarm.period_seconds * alarm.periods <= 86400
    ])
    error_message = "CloudWatch evaluates at most a day: period_seconds * periods must not exceed 86400."
  }
}

variable "summary" {
  description = "Name and description of the one alarm that is on while any of the others is."
  type = object({
    name        = string
    description = string
  })
}

variable "log_widgets" {
  description = "Tables of the dashboard below the charts: a query of CloudWatch Logs Insights over a log group."
  type = list(object({
    title     = string
    log_group = string
    query     = string
  }))
  default = []
}

variable "widgets" {
  description = "Charts of the dashboard, two in a row; a metric is [namespace, name, dimension, value, ...]."
  type = list(object({
    title          = string
    statistic      = string
    period_seconds = number
    metrics        = list(list(string))
  }))
}
