"""What is done to a lake now and then: erase, replay, rebuild, redrive, roll back, set aside."""
