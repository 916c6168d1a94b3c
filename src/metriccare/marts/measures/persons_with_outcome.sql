-- Reads: measure_stay, infection_event. Gives: persons with a recorded death or infection.
-- Grain: a person.
select tenant, person_id
from measure_stay
where array_contains(:death_measures, measure_id) and numerator > 0
union
select tenant, person_id from infection_event
