// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    FillInstruction,
    IOriginSettler,
    OnchainCrossChainOrder,
    Output,
    ResolvedCrossChainOrder
} from "./interfaces/external/IERC7683.sol";
import {Digests} from "./libraries/Digests.sol";
import {Order, OrderState} from "./types/Types.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title The views of a home escrow that the resolver reads.
interface IEscrowOrders {
    function localDomain() external view returns (uint32);
    function orders(bytes32 orderId) external view returns (OrderState state, uint128 seized);
}

/// @title Resolves open orders of one home escrow into ERC-7683's format, so that fillers of other networks can pay
/// them.
/// @notice Holds no money and decides nothing: the escrows would settle the same fills without it. An order is created
/// when an award lands, so `open` announces an order that is open already.
contract Erc7683Resolver is IOriginSettler, AccessManaged {
    using SafeCast for uint256;

    /// @notice EIP-712 type of `Order`.
    string public constant ORDER_TYPE =
        "Order(bytes32 intent,bytes32 quote,bytes32 market,bytes32 positionKey,uint32 homeDomain,address homeEscrow,uint32 payDomain,address payEscrow,address collateral,address debt,address payToken,address treasury,address bridge,address solver,address payout,uint32 terms,uint128 repaid,uint128 keeperFee,uint128 routeFee,uint128 payAmount,uint128 ask,uint128 maxAsk,uint128 bond,uint128 latePenalty,uint64 openBy,uint64 exclusiveUntil,uint64 fillDeadline,uint64 expiresAt)";
    /// @notice Hash of `ORDER_TYPE`: the `orderDataType` of what `orderData` encodes.
    bytes32 public constant ORDER_DATA_TYPE = keccak256(bytes(ORDER_TYPE));

    /// @notice The home escrow whose orders these are.
    IEscrowOrders public immutable escrow;

    /// @notice Chain id of a Hyperlane domain. The two can differ, and ERC-7683 uses chain ids.
    mapping(uint32 domain => uint256) public chainIdOf;
    /// @notice Whether an order has been announced.
    mapping(bytes32 orderId => bool) public announced;

    event ChainSet(uint32 indexed domain, uint256 chainId);

    error WrongOrderDataType(bytes32 got, bytes32 expected);
    error WrongFillDeadline(uint32 got, uint64 expected);
    error AnotherEscrowsOrder(uint32 homeDomain, address homeEscrow);
    error NotOpen(bytes32 orderId, OrderState state);
    error UnknownDomain(uint32 domain);
    error AlreadyAnnounced(bytes32 orderId);

    constructor(IEscrowOrders escrow_, address authority) AccessManaged(authority) {
        escrow = escrow_;
    }

    /// @notice Names the chain id of a pay domain. Restricted.
    /// @dev A wrong chain id misleads fillers and costs no money: a fill on another chain than the order's reverts
    /// there.
    function setChain(uint32 domain, uint256 chainId) external restricted {
        chainIdOf[domain] = chainId;
        emit ChainSet(domain, chainId);
    }

    /// @notice Announces an open order by the standard's event, once. Anyone.
    function open(OnchainCrossChainOrder calldata order) external {
        ResolvedCrossChainOrder memory resolved = resolve(order);
        if (announced[resolved.orderId]) revert AlreadyAnnounced(resolved.orderId);
        announced[resolved.orderId] = true;
        emit Open(resolved.orderId, resolved);
    }

    /// @notice Resolves an open order given in the standard's wrapping.
    /// @param order `orderData` is abi.encode(Order), `orderDataType` is `ORDER_DATA_TYPE`.
    function resolve(OnchainCrossChainOrder calldata order) public view returns (ResolvedCrossChainOrder memory) {
        if (order.orderDataType != ORDER_DATA_TYPE) revert WrongOrderDataType(order.orderDataType, ORDER_DATA_TYPE);
        Order memory ours = abi.decode(order.orderData, (Order));
        if (order.fillDeadline != ours.fillDeadline) revert WrongFillDeadline(order.fillDeadline, ours.fillDeadline);
        return resolve(ours);
    }

    /// @notice Resolves an open order as the home escrow's `Opened` event carries it.
    /// @return resolved The order for a filler. `maxSpent` is exact. `minReceived` is the winner's ask, a lower bound
    /// of the ask in the public phase. Its recipient is the winner's payout until `exclusiveUntil`, because no other
    /// recipient is accepted before, and open (zero) afterwards. `fillerData` is abi.encode(recipient on this chain,
    /// least amount).
    function resolve(Order memory order) public view returns (ResolvedCrossChainOrder memory resolved) {
        if (order.homeDomain != escrow.localDomain() || order.homeEscrow != address(escrow)) {
            revert AnotherEscrowsOrder(order.homeDomain, order.homeEscrow);
        }
        bytes32 id = Digests.orderId(order);
        (OrderState state,) = escrow.orders(id);
        if (state != OrderState.Open) revert NotOpen(id, state);
        uint256 payChainId = chainIdOf[order.payDomain];
        if (payChainId == 0) revert UnknownDomain(order.payDomain);

        resolved.user = order.solver;
        resolved.originChainId = block.chainid;
        resolved.openDeadline = uint256(order.openBy).toUint32();
        resolved.fillDeadline = uint256(order.fillDeadline).toUint32();
        resolved.orderId = id;
        resolved.maxSpent = _one(order.payToken, order.payAmount, order.payEscrow, payChainId);
        address recipient = block.timestamp <= order.exclusiveUntil ? order.payout : address(0);
        resolved.minReceived = _one(order.collateral, order.ask, recipient, block.chainid);
        resolved.fillInstructions = new FillInstruction[](1);
        resolved.fillInstructions[0] = FillInstruction(payChainId, _word(order.payEscrow), Digests.bill(order));
    }

    function _one(address token, uint256 amount, address recipient, uint256 chainId)
        private
        pure
        returns (Output[] memory outputs)
    {
        outputs = new Output[](1);
        outputs[0] = Output(_word(token), amount, _word(recipient), chainId);
    }

    function _word(address account) private pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }
}
