locals {
  summary_height = 4 # rows of the dashboard
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.alarms

  alarm_name          = "${var.name_prefix}_${each.key}${var.name_suffix}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period_seconds
  evaluation_periods  = each.value.periods
  threshold           = each.value.threshold
  comparison_operator = each.value.comparison
  treat_missing_data  = each.value.missing_data
  alarm_actions       = [var.topic_arn]
  ok_actions          = each.value.sends_ok ? [var.topic_arn] : []
}

# No actions: its alarms report themselves, and a second message for each would be ignored.
resource "aws_cloudwatch_composite_alarm" "this" {
  alarm_name        = "${var.name_prefix}_${var.summary.name}${var.name_suffix}"
  alarm_description = var.summary.description
  alarm_rule        = join(" OR ", [for name in sort(keys(var.alarms)) : "ALARM(\"${aws_cloudwatch_metric_alarm.this[name].alarm_name}\")"])
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "${var.name_prefix}_pipeline${var.name_suffix}"
  dashboard_body = jsonencode({
    widgets = concat([{
      type   = "alarm"
      x      = 0
      y      = 0
      width  = 24
      height = local.summary_height
      properties = {
        title  = "Is anything wrong, and what"
        alarms = concat([aws_cloudwatch_composite_alarm.this.arn], [for name in sort(keys(var.alarms)) : aws_cloudwatch_metric_alarm.this[name].arn])
      }
      }], [
      for place, widget in var.widgets : {
        type   = "metric"
        x      = (place % 2) * 12
        y      = local.summary_height + floor(place / 2) * 6
        width  = 12
        height = 6
        properties = {
          title   = widget.title
          region  = var.region
          stat    = widget.statistic
          period  = widget.period_seconds
          view    = "timeSeries"
          metrics = widget.metrics
        }
      }
      ], [
      for place, widget in var.log_widgets : {
        type   = "log"
        x      = 0
        y      = local.summary_height + ceil(length(var.widgets) / 2) * 6 + place * 6
        width  = 24
        height = 6
        properties = {
          title  = widget.title
          region = var.region
          view   = "table"
          query  = "SOURCE '${widget.log_group}' | ${widget.query}"
        }
      }
    ])
  })
}
