-- A generic for whose iterator never ends.
-- load: budget
-- event: budget
for i in function() return 1 end do
  local _ = i
end
