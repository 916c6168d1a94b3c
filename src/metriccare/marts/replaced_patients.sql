-- Reads: patient. Gives: a patient record, and the record that replaces it. Grain: a link.
select tenant, id as patient_id, link.patient_id as replaced_by
from (select tenant, id, explode(links) as link from patient where not deleted) links
where link.type = :replaced_by and link.patient_id is not null
