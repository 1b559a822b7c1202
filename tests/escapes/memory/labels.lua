-- Names for objects that do not live.
-- load: budget|memory
-- event: budget|memory
while true do
  tostring {}
end
