-- Reads: silver: rows with tenant and patient_id, record. Gives: the rows of these patient records.
select r.*
from silver r left semi join record p on r.tenant = p.tenant and r.patient_id = p.patient_id
