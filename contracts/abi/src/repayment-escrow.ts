// Generated from RepaymentEscrow.sol by scripts/generate.ts; never edited.
export const repaymentEscrowAbi = [
  {
    "type": "constructor",
    "inputs": [
      {
        "name": "mailbox_",
        "type": "address",
        "internalType": "contract IMailbox"
      },
      {
        "name": "authority",
        "type": "address",
        "internalType": "address"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "HANDLE_BASE_GAS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "HANDLE_ITEM_GAS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "MAX_ITEMS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "VERDICT_BASE_GAS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "VERDICT_ITEM_GAS",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "authority",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "address"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "fill",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "originData",
        "type": "bytes",
        "internalType": "bytes"
      },
      {
        "name": "fillerData",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "handle",
    "inputs": [
      {
        "name": "origin",
        "type": "uint32",
        "internalType": "uint32"
      },
      {
        "name": "sender",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "body",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [],
    "stateMutability": "payable"
  },
  {
    "type": "function",
    "name": "interchainSecurityModule",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "address"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "isConsumingScheduledOp",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "bytes4",
        "internalType": "bytes4"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "localDomain",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "uint32",
        "internalType": "uint32"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "mailbox",
    "inputs": [],
    "outputs": [
      {
        "name": "",
        "type": "address",
        "internalType": "contract IMailbox"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "payments",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "outputs": [
      {
        "name": "",
        "type": "uint8",
        "internalType": "enum PaymentState"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "quoteRelease",
    "inputs": [
      {
        "name": "fills",
        "type": "tuple[]",
        "internalType": "struct Fill[]",
        "components": [
          {
            "name": "order",
            "type": "tuple",
            "internalType": "struct Order",
            "components": [
              {
                "name": "intent",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "quote",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "market",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "positionKey",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "homeDomain",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "homeEscrow",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "payDomain",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "payEscrow",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "collateral",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "debt",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "payToken",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "treasury",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "bridge",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "solver",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "payout",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "terms",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "repaid",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "keeperFee",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "routeFee",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "payAmount",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "ask",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "maxAsk",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "bond",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "latePenalty",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "openBy",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "exclusiveUntil",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "fillDeadline",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "expiresAt",
                "type": "uint64",
                "internalType": "uint64"
              }
            ]
          },
          {
            "name": "payer",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "beneficiary",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "ask",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "filledAt",
            "type": "uint64",
            "internalType": "uint64"
          }
        ]
      }
    ],
    "outputs": [
      {
        "name": "fee",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "quoteReport",
    "inputs": [
      {
        "name": "homeDomain",
        "type": "uint32",
        "internalType": "uint32"
      },
      {
        "name": "homeEscrow",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "runs",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [
      {
        "name": "fee",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "refund",
    "inputs": [
      {
        "name": "facts",
        "type": "tuple",
        "internalType": "struct Fill",
        "components": [
          {
            "name": "order",
            "type": "tuple",
            "internalType": "struct Order",
            "components": [
              {
                "name": "intent",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "quote",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "market",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "positionKey",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "homeDomain",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "homeEscrow",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "payDomain",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "payEscrow",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "collateral",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "debt",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "payToken",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "treasury",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "bridge",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "solver",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "payout",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "terms",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "repaid",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "keeperFee",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "routeFee",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "payAmount",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "ask",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "maxAsk",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "bond",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "latePenalty",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "openBy",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "exclusiveUntil",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "fillDeadline",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "expiresAt",
                "type": "uint64",
                "internalType": "uint64"
              }
            ]
          },
          {
            "name": "payer",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "beneficiary",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "ask",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "filledAt",
            "type": "uint64",
            "internalType": "uint64"
          }
        ]
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "release",
    "inputs": [
      {
        "name": "facts",
        "type": "tuple",
        "internalType": "struct Fill",
        "components": [
          {
            "name": "order",
            "type": "tuple",
            "internalType": "struct Order",
            "components": [
              {
                "name": "intent",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "quote",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "market",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "positionKey",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "homeDomain",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "homeEscrow",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "payDomain",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "payEscrow",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "collateral",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "debt",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "payToken",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "treasury",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "bridge",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "solver",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "payout",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "terms",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "repaid",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "keeperFee",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "routeFee",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "payAmount",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "ask",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "maxAsk",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "bond",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "latePenalty",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "openBy",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "exclusiveUntil",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "fillDeadline",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "expiresAt",
                "type": "uint64",
                "internalType": "uint64"
              }
            ]
          },
          {
            "name": "payer",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "beneficiary",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "ask",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "filledAt",
            "type": "uint64",
            "internalType": "uint64"
          }
        ]
      }
    ],
    "outputs": [],
    "stateMutability": "payable"
  },
  {
    "type": "function",
    "name": "releaseMany",
    "inputs": [
      {
        "name": "fills",
        "type": "tuple[]",
        "internalType": "struct Fill[]",
        "components": [
          {
            "name": "order",
            "type": "tuple",
            "internalType": "struct Order",
            "components": [
              {
                "name": "intent",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "quote",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "market",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "positionKey",
                "type": "bytes32",
                "internalType": "bytes32"
              },
              {
                "name": "homeDomain",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "homeEscrow",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "payDomain",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "payEscrow",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "collateral",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "debt",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "payToken",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "treasury",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "bridge",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "solver",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "payout",
                "type": "address",
                "internalType": "address"
              },
              {
                "name": "terms",
                "type": "uint32",
                "internalType": "uint32"
              },
              {
                "name": "repaid",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "keeperFee",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "routeFee",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "payAmount",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "ask",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "maxAsk",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "bond",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "latePenalty",
                "type": "uint128",
                "internalType": "uint128"
              },
              {
                "name": "openBy",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "exclusiveUntil",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "fillDeadline",
                "type": "uint64",
                "internalType": "uint64"
              },
              {
                "name": "expiresAt",
                "type": "uint64",
                "internalType": "uint64"
              }
            ]
          },
          {
            "name": "payer",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "beneficiary",
            "type": "address",
            "internalType": "address"
          },
          {
            "name": "ask",
            "type": "uint128",
            "internalType": "uint128"
          },
          {
            "name": "filledAt",
            "type": "uint64",
            "internalType": "uint64"
          }
        ]
      }
    ],
    "outputs": [
      {
        "name": "amount",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "payable"
  },
  {
    "type": "function",
    "name": "report",
    "inputs": [
      {
        "name": "homeDomain",
        "type": "uint32",
        "internalType": "uint32"
      },
      {
        "name": "homeEscrow",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "runs",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [
      {
        "name": "messageId",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ],
    "stateMutability": "payable"
  },
  {
    "type": "function",
    "name": "setAuthority",
    "inputs": [
      {
        "name": "newAuthority",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "setSecurityModule",
    "inputs": [
      {
        "name": "module",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  },
  {
    "type": "event",
    "name": "AuthorityUpdated",
    "inputs": [
      {
        "name": "authority",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Bridged",
    "inputs": [
      {
        "name": "bridge",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "transferId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "domain",
        "type": "uint32",
        "indexed": false,
        "internalType": "uint32"
      },
      {
        "name": "recipient",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      },
      {
        "name": "amount",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Filled",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "payer",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      },
      {
        "name": "beneficiary",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      },
      {
        "name": "ask",
        "type": "uint128",
        "indexed": false,
        "internalType": "uint128"
      },
      {
        "name": "filledAt",
        "type": "uint64",
        "indexed": false,
        "internalType": "uint64"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Refunded",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "token",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      },
      {
        "name": "payer",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      },
      {
        "name": "amount",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Released",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "token",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      },
      {
        "name": "treasury",
        "type": "address",
        "indexed": false,
        "internalType": "address"
      },
      {
        "name": "amount",
        "type": "uint256",
        "indexed": false,
        "internalType": "uint256"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "Reported",
    "inputs": [
      {
        "name": "messageId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "homeDomain",
        "type": "uint32",
        "indexed": true,
        "internalType": "uint32"
      },
      {
        "name": "orderIds",
        "type": "bytes32[]",
        "indexed": false,
        "internalType": "bytes32[]"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "SecurityModuleSet",
    "inputs": [
      {
        "name": "module",
        "type": "address",
        "indexed": true,
        "internalType": "address"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "VerdictIgnored",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      }
    ],
    "anonymous": false
  },
  {
    "type": "event",
    "name": "VerdictReceived",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "indexed": true,
        "internalType": "bytes32"
      },
      {
        "name": "accepted",
        "type": "bool",
        "indexed": false,
        "internalType": "bool"
      }
    ],
    "anonymous": false
  },
  {
    "type": "error",
    "name": "AccessManagedInvalidAuthority",
    "inputs": [
      {
        "name": "authority",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "AccessManagedRequiredDelay",
    "inputs": [
      {
        "name": "caller",
        "type": "address",
        "internalType": "address"
      },
      {
        "name": "delay",
        "type": "uint32",
        "internalType": "uint32"
      }
    ]
  },
  {
    "type": "error",
    "name": "AccessManagedUnauthorized",
    "inputs": [
      {
        "name": "caller",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "AlreadyFilled",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "AskBelowLeast",
    "inputs": [
      {
        "name": "ask",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "least",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "ExclusiveUntil",
    "inputs": [
      {
        "name": "exclusiveUntil",
        "type": "uint64",
        "internalType": "uint64"
      }
    ]
  },
  {
    "type": "error",
    "name": "FailedCall",
    "inputs": []
  },
  {
    "type": "error",
    "name": "FeeTooLow",
    "inputs": [
      {
        "name": "got",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "needed",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "FillDeadlinePassed",
    "inputs": [
      {
        "name": "fillDeadline",
        "type": "uint64",
        "internalType": "uint64"
      }
    ]
  },
  {
    "type": "error",
    "name": "InsufficientBalance",
    "inputs": [
      {
        "name": "balance",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "needed",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "MalformedOrder",
    "inputs": []
  },
  {
    "type": "error",
    "name": "MalformedPayments",
    "inputs": [
      {
        "name": "length",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "MalformedVerdicts",
    "inputs": [
      {
        "name": "length",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "MixedRoutes",
    "inputs": []
  },
  {
    "type": "error",
    "name": "NoFills",
    "inputs": []
  },
  {
    "type": "error",
    "name": "NotAnAddress",
    "inputs": [
      {
        "name": "sender",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "NothingToRelease",
    "inputs": []
  },
  {
    "type": "error",
    "name": "OnlyMailbox",
    "inputs": []
  },
  {
    "type": "error",
    "name": "ReentrancyGuardReentrantCall",
    "inputs": []
  },
  {
    "type": "error",
    "name": "SafeERC20FailedOperation",
    "inputs": [
      {
        "name": "token",
        "type": "address",
        "internalType": "address"
      }
    ]
  },
  {
    "type": "error",
    "name": "TooManyItems",
    "inputs": [
      {
        "name": "items",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "most",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "UnexpectedAmount",
    "inputs": [
      {
        "name": "received",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "expected",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "UnexpectedValue",
    "inputs": [
      {
        "name": "value",
        "type": "uint256",
        "internalType": "uint256"
      }
    ]
  },
  {
    "type": "error",
    "name": "UnknownFill",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "WrongOrderId",
    "inputs": [
      {
        "name": "got",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "computed",
        "type": "bytes32",
        "internalType": "bytes32"
      }
    ]
  },
  {
    "type": "error",
    "name": "WrongState",
    "inputs": [
      {
        "name": "orderId",
        "type": "bytes32",
        "internalType": "bytes32"
      },
      {
        "name": "state",
        "type": "uint8",
        "internalType": "enum PaymentState"
      }
    ]
  },
  {
    "type": "error",
    "name": "ZeroAddress",
    "inputs": []
  }
] as const;
