-- A table that is changed while it is walked.
-- load: ok|error
-- event: ok|error
local t = {}
for i = 1, 100 do
  t["k" .. i] = i
end
for k in pairs(t) do
  t[k] = nil
  t[k .. "x"] = 1
  if #k > 50 then
    break
  end
end
