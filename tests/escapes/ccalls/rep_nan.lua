-- rep with counts that are no counts.
-- load: ok
-- event: ok
for _, n in ipairs { 0 / 0, 1 / 0, -1 / 0, -1, 1.5, "x", {}, 1e308 } do
  local ok, s = pcall(string.rep, "x", n)
  if ok and #s > 1 then
    mall.log("ESCAPED rep made " .. #s .. " bytes")
  end
end
