-- Alignments and sizes beyond what pack may take.
-- load: ok|memory
-- event: ok|memory
for _, f in ipairs { "!1000000 i4", "i17", "!17i4", "s16", "c" .. (1 << 40), "Xi1000", "!16" .. string.rep("Xi16", 100) } do
  local ok, s = pcall(string.pack, f, "x")
  if ok and #s > 10000 then
    mall.log("ESCAPED pack made " .. #s)
  end
end
