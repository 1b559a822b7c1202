-- Store: plain values that outlive the state. Each value is kept encoded, which copies it, sizes it and makes the snapshot.
local K = ...
local next, pcall, tostring, type, error = next, pcall, tostring, type, error
local t_concat, to_integer = table.concat, math.tointeger
local mall, raise, bad = K.mall, K.raise, K.bad

local FORMAT = 1
local OVERHEAD = 16 -- booked for each key beside its bytes
local KEY_MAX = 64

local shared, players = {}, {} -- key -> encoded value; player id -> such a table
local used, dirty, last_snapshot = 0, false, nil

local function cost(key, blob)
  return blob and #key + #blob + OVERHEAD or 0
end

local function key_of(key, what)
  if #K.text(key, KEY_MAX, what .. ": key") == 0 then
    bad(what .. ": the key is empty")
  end
  return key .. ""
end

local function put(bucket, key, value, what)
  local blob
  if value ~= nil then
    local ok, result = pcall(K.encode, value)
    if not ok then
      if K.is_fatal() then
        error(result, 0)
      end
      bad(what .. " was given " .. tostring(result) .. "; it keeps numbers, texts, booleans and tables of them")
    end
    blob = result
  end
  local total = used - cost(key, bucket[key]) + cost(key, blob)
  if total > K.limits.store_bytes and blob then
    raise("store.quota", "the store would hold " .. total .. " bytes, at most " .. K.limits.store_bytes)
  end
  if bucket[key] ~= blob then
    bucket[key] = blob
    used = total
    dirty = true
  end
end

local function get(bucket, key)
  local blob = bucket[key]
  if blob == nil then
    return nil
  end
  return (K.decode(blob, 1))
end

-- The four calls over one bucket, which is found at each call so that an empty one costs nothing.
local function calls(bucket_of, name)
  return {
    get = function(key)
      K.need("store", name .. ".get")
      return get(bucket_of(), key_of(key, name .. ".get"))
    end,
    set = function(key, value)
      K.need("store", name .. ".set")
      put(bucket_of(), key_of(key, name .. ".set"), value, name .. ".set")
    end,
    update = function(key, fn)
      K.need("store", name .. ".update")
      key = key_of(key, name .. ".update")
      K.callback(fn, name .. ".update")
      local value = fn(get(bucket_of(), key))
      put(bucket_of(), key, value, name .. ".update")
      return value
    end,
    delete = function(key)
      K.need("store", name .. ".delete")
      put(bucket_of(), key_of(key, name .. ".delete"), nil, name .. ".delete")
    end,
  }
end


function K.player_store(id)
  return calls(function()
    local bucket = players[id]
    if not bucket then
      bucket = {}
      players[id] = bucket
    end
    return bucket
  end, "player.store")
end

local function sorted_keys(t)
  local keys = {}
  for key in next, t do
    keys[#keys + 1] = key
  end
  K.sort(keys)
  return keys
end

local function bucket_pieces(bucket, pieces)
  local keys = sorted_keys(bucket)
  pieces[#pieces + 1] = K.array_head(#keys)
  for i = 1, #keys do
    pieces[#pieces + 1] = K.array_head(2) .. K.encode(keys[i]) .. bucket[keys[i]]
  end
end

-- [format, [[key, value], ...], [[player, [[key, value], ...]], ...]], keys sorted: the same store is the same bytes.
function K.snapshot()
  local pieces = { K.array_head(3) .. K.encode(FORMAT) }
  bucket_pieces(shared, pieces)
  local ids = {}
  for id, bucket in next, players do
    if next(bucket) ~= nil then
      ids[#ids + 1] = id
    end
  end
  K.sort(ids)
  pieces[#pieces + 1] = K.array_head(#ids)
  for i = 1, #ids do
    pieces[#pieces + 1] = K.array_head(2) .. K.encode(ids[i])
    bucket_pieces(players[ids[i]], pieces)
  end
  dirty, K.claimed = false, false
  last_snapshot = K.now
  return t_concat(pieces)
end

function K.snapshot_due()
  -- what a creation noted of a claim is kept with it, or a restart would let it claim again
  return dirty and (K.claimed or last_snapshot == nil or K.now - last_snapshot >= K.limits.snapshot_s)
end

function K.store_wake()
  if not dirty then
    return 1 / 0
  end
  return (last_snapshot or K.now) + K.limits.snapshot_s
end

local function load_bucket(rows)
  local bucket = {}
  for i = 1, #rows do
    local key, blob = rows[i][1], K.encode(rows[i][2])
    bucket[key] = blob
    used = used + cost(key, blob)
  end
  return bucket
end

-- The snapshot with which the state began.
if K.first_store ~= "" then
  local saved = K.decode(K.first_store, 1)
  if type(saved) ~= "table" or saved[1] ~= FORMAT then
    raise("store.format", "the snapshot has not the format " .. FORMAT)
  end
  shared = load_bucket(saved[2])
  for i = 1, #saved[3] do
    players[to_integer(saved[3][i][1])] = load_bucket(saved[3][i][2])
  end
end

mall.store = calls(function()
  return shared
end, "mall.store")
