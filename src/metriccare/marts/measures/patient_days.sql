-- Reads: stay_day. Gives: patient days. Grain: a hospital's department and month.
select tenant, hospital_id, department, month, sum(patient_days) as patient_days
from stay_day
group by tenant, hospital_id, department, month
