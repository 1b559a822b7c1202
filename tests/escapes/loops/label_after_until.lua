-- A jump back to a label after a condition.
-- load: budget
-- event: budget
repeat until true ::a:: goto a
