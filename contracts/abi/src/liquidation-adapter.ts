// Generated from ILiquidationAdapter.sol by scripts/generate.ts; never edited.
export const liquidationAdapterAbi = [
  {
    "type": "function",
    "name": "assess",
    "inputs": [
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [
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
        "name": "repay",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "seizable",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "health",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "view"
  },
  {
    "type": "function",
    "name": "liquidate",
    "inputs": [
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      },
      {
        "name": "repay",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "wanted",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "recipient",
        "type": "address",
        "internalType": "address"
      }
    ],
    "outputs": [
      {
        "name": "repaid",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "prepare",
    "inputs": [
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      }
    ],
    "outputs": [
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
        "name": "repay",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "seizable",
        "type": "uint256",
        "internalType": "uint256"
      },
      {
        "name": "health",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "stateMutability": "nonpayable"
  },
  {
    "type": "function",
    "name": "returnSurplus",
    "inputs": [
      {
        "name": "position",
        "type": "bytes",
        "internalType": "bytes"
      },
      {
        "name": "amount",
        "type": "uint256",
        "internalType": "uint256"
      }
    ],
    "outputs": [],
    "stateMutability": "nonpayable"
  }
] as const;
