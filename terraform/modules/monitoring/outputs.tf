output "alarm_names" {
  description = "Names of the alarms."
  value       = [for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name]
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "summary" {
  description = "Name and rule of the alarm over all others."
  value = {
    name = aws_cloudwatch_composite_alarm.this.alarm_name
    rule = aws_cloudwatch_composite_alarm.this.alarm_rule
  }
}
