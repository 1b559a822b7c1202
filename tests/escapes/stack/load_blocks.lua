-- Deep blocks in loaded text.
-- load: error
-- event: error|budget
error((select(2, load(string.rep("do ", 5000) .. string.rep("end ", 5000)))))
