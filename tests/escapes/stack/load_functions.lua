-- Deep functions in loaded text.
-- load: error
-- event: error|budget
error((select(2, load(string.rep("return function() ", 2000) .. string.rep("end ", 2000)))))
