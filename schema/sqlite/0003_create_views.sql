-- The read model: what an aggregate's events make of its document, one row for each aggregate, with
-- the version of the last event in it. `rebuild` is the rebuild that it was made by; 0 is none.
-- `status` and `customer_id` are the document's, as far as lists can look for them.
CREATE TABLE views (
    view_no INTEGER PRIMARY KEY,
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    rebuild INTEGER NOT NULL,
    status TEXT,
    customer_id TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (id, collection)
) STRICT;

-- The newest first.
CREATE INDEX views_newest ON views (collection, created_at, id);

-- A customer's, the newest first.
CREATE INDEX views_customer ON views (collection, customer_id, created_at, id)
    WHERE customer_id IS NOT NULL;

-- Those of a status, the newest first.
CREATE INDEX views_status ON views (collection, status, created_at, id)
    WHERE status IS NOT NULL;

-- The orders among the views as a table: for reports and other readers, not for the daemon. A member
-- that is not of the expected kind is NULL.
CREATE VIEW orders AS
SELECT v.id AS id,
       v.customer_id AS customerid,
       v.status AS status,
       strftime('%Y-%m-%dT%H:%M:%fZ', v.created_at / 1000000.0, 'unixepoch') AS createdon,
       json_extract(v.document, '$.restaurant_id') AS restaurantid,
       CASE WHEN json_type(v.document, '$.amount') IN ('integer', 'real')
            THEN json_extract(v.document, '$.amount')
       END AS amount
FROM views AS v
WHERE v.collection = 'order';

-- Their items, one row for each.
CREATE VIEW order_items AS
SELECT v.id AS orderid,
       v.customer_id AS customerid,
       json_extract(i.item, '$.code') AS code,
       json_extract(i.item, '$.name') AS name,
       CASE WHEN json_type(i.item, '$.unit_price') IN ('integer', 'real')
            THEN json_extract(i.item, '$.unit_price')
       END AS unitprice,
       CASE WHEN json_type(i.item, '$.quantity') IN ('integer', 'real')
            THEN json_extract(i.item, '$.quantity')
       END AS quantity
FROM views AS v
JOIN (
    SELECT w.view_no AS view_no,
           CASE WHEN e.type = 'object' THEN e.value ELSE '{}' END AS item
    FROM views AS w,
         json_each(
             CASE WHEN json_type(w.document, '$.order_items') = 'array' THEN w.document
                  ELSE '{"order_items":[]}'
             END, '$.order_items') AS e
) AS i ON i.view_no = v.view_no
WHERE v.collection = 'order';
